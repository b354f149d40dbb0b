"""The assistant's evaluation: a seeded shop, questions in six languages, and what people try."""
