"""What people may ask of an organisation that keeps their calls: to be forgotten, and to be told what is kept about them."""
