//go:build !unix

package storetest

import "os/exec"

func demote(*exec.Cmd) {}

func giveAway(string) error { return nil }
