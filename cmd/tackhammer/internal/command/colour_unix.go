//go:build !windows

package command

import "os"

// understands reports whether a terminal reads codes for colours.
func understands(*os.File) bool { return true }
