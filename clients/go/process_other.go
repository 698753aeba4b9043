//go:build !unix

package insightly

import "os/exec"

// ownGroup: this system has no groups of processes that a signal could end.
func ownGroup(*exec.Cmd) {}

// killGroup ends the command.
func killGroup(command *exec.Cmd) {
	command.Process.Kill()
}
