"""listener hears unhappy customers before they leave."""
