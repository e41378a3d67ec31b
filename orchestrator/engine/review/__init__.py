"""What a person decides about records: questions, doubles, merges and the way back."""
