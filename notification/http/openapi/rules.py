"""Rules: how notifications are rolled up."""

from typing import Final

from notification.domain.drafts import RuleDraft
from notification.http.openapi import shapes
from notification.http.openapi.operation import Body, Operation, Reply
from notification.http.openapi.shared import CATEGORY, READ, WRITE

_RULE: Final = {"max_size": 10, "max_duration": "12 hours", "match_on": "post"}

OPERATIONS: Final = (
    Operation(
        method="get",
        path="/v1/rules",
        id="listRules",
        summary="List the rules in force",
        description="Those of the configuration, and those that requests made, which win.",
        replies={
            200: Reply("Rules by category.", (Body(type=shapes.Rules, example={"like": _RULE}),), ("Cache-Control",))
        },
        errors=(404, 500, 503),
    ),
    Operation(
        method="put",
        path="/v1/rules/{category}",
        id="putRule",
        summary="Make or replace a category's rule",
        description="It applies to what is stored already; in other processes within `rule_cache_timeout`. At most "
        "1000 categories may have a rule, and all rules together 1 MiB.",
        parameters=(CATEGORY,),
        body=Body(type=RuleDraft, example=_RULE),
        replies={204: Reply("It is in force.")},
        errors=WRITE,
    ),
    Operation(
        method="delete",
        path="/v1/rules/{category}",
        id="removeRule",
        summary="Remove a category's rule",
        description="A rule of the configuration too. It may be repeated. Query parameters are refused.",
        parameters=(CATEGORY,),
        replies={204: Reply("There is none.")},
        errors=READ,
    ),
    Operation(
        method="delete",
        path="/v1/rules",
        id="removeRules",
        summary="Remove all rules",
        description="Those of the configuration too. It may be repeated. Query parameters are refused.",
        replies={204: Reply("There are none.")},
        errors=READ,
    ),
)
