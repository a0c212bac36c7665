"""The commands: each says what it is for (`SUMMARY`), what it takes (`add_arguments`), and does it (`run`)."""
