//go:build !linux

package rig

import "syscall"

// attributes: groups and parent-death signals differ between systems, so here a killed test binary may leave processes behind.
func attributes() *syscall.SysProcAttr { return nil }
