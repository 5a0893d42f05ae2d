package nail

// Examples are what hints tell people to write, by the key's last name.
var Examples = examples
