"""What is drawn of a file: read in bounded pieces, labelled, and made a picture."""
