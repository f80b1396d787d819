"""The steps of a year, each as two compiled calls: who is concerned, and what becomes of them."""
