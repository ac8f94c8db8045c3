"""What is read out of a post, and how posts are read: records, languages, words, brands."""
