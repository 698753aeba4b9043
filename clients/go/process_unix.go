//go:build unix

package insightly

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the command and what it starts a group, so that nothing of it is left behind.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup ends the command and what it started.
func killGroup(command *exec.Cmd) {
	syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
}
