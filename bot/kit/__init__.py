"""The operator's kit: what people take along to switch into clients, as files. One client's card is made of it too."""
