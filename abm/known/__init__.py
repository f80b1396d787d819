"""What is known of a town, its prefecture and the nation: counted, published or assumed, read, checked and frozen."""
