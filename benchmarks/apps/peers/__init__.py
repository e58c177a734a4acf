"""The same answers from applications written for other frameworks, each in its own idiom."""
