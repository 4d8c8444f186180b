//go:build !linux

package demo

import "syscall"

// ownGroup leaves a started process in this one's group: groups and parent-death signals differ between systems.
func ownGroup() *syscall.SysProcAttr { return nil }
