package scaffold

// KitHash is the hash of the kit in the apps that s makes: what an app's lock
// holds, and what the checksum of a Go module is made by.
func (s Source) KitHash() (string, error) {
	ops, err := s.kitOps()
	if err != nil {
		return "", err
	}
	return kitHash(ops)
}
