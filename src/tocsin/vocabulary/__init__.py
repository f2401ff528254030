"""The words: classes and categories of messages, and the policies that say which of them count as spam."""
