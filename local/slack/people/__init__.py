"""What people do: type a command, press a button, write a line, fill in a modal; and what they see of the answer."""
