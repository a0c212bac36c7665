// The examples of the GraphQL page.

const USER = { username: "test" };

export const EXAMPLES = [
  {
    name: "List notifications",
    query: `query List($username: String!, $first: Int) {
  notifications(
    username: $username
    first: $first
    peek: true
  ) {
    id
    category
    message
    createdAt
    unseen
    properties
    notifications {
      id
      message
    }
  }
}`,
    variables: { ...USER, first: 20 },
  },
  {
    name: "Create a notification",
    query: `mutation Create($username: String!, $notification: NotificationInput!) {
  createNotification(username: $username, notification: $notification) {
    id
    createdAt
  }
}`,
    variables: {
      ...USER,
      notification: { category: "like", message: "Ada liked your post", properties: { post: "42" } },
    },
  },
  {
    name: "Remove all notifications",
    query: `mutation Clear($username: String!) {
  removeAllNotifications(username: $username)
}`,
    variables: USER,
  },
  {
    name: "List rules",
    query: `query Rules {
  rules {
    category
    rule {
      maxSize
      maxDuration
      matchOn
    }
  }
}`,
    variables: {},
  },
  {
    name: "Create a rule",
    query: `mutation Roll($category: String!, $rule: RuleInput!) {
  createRule(category: $category, rule: $rule)
}`,
    variables: { category: "like", rule: { maxSize: 10, maxDuration: "12 hours", matchOn: "post" } },
  },
];
