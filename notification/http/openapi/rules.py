"""Operations on rules."""

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
        summary="List rules",
        description="Returns the rules in force, `{}` if there are none. A rule from a request replaces the one in the "
        "configuration.",
        replies={
            200: Reply(
                "Returns the rules by category.",
                (Body(type=shapes.Rules, example={"like": _RULE}),),
                ("Cache-Control",),
            )
        },
        errors=(500, 503),
    ),
    Operation(
        method="put",
        path="/v1/rules/{category}",
        id="putRule",
        summary="Create or replace a rule",
        description="The rule also applies to notifications that are already stored. Other processes apply it within "
        "`rule_cache_timeout`. At most 1000 categories can have a rule, and all rules together at most 1 MiB.",
        parameters=(CATEGORY,),
        bodies=(Body(type=RuleDraft, example=_RULE),),
        replies={204: Reply("The rule is in force.")},
        errors=WRITE,
    ),
    Operation(
        method="delete",
        path="/v1/rules/{category}",
        id="removeRule",
        summary="Remove a rule",
        description="Removes the category's rule, even if it is in the configuration. You can repeat the request "
        "safely. Query parameters are an error.",
        parameters=(CATEGORY,),
        replies={204: Reply("The category has no rule.")},
        errors=READ,
    ),
    Operation(
        method="delete",
        path="/v1/rules",
        id="removeRules",
        summary="Remove all rules",
        description="Removes all rules, including those in the configuration. You can repeat the request "
        "safely. Query parameters are an error.",
        replies={204: Reply("There are no rules.")},
        errors=READ,
    ),
)
