package scaffold

import "github.com/tackhammer/tackhammer/kit"

func busy(dir string) error {
	return kit.Errorf(kit.Conflict, "open the app in %s: another tackhammer works on it", dir).
		WithHint("wait until that one has ended")
}
