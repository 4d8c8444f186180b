//go:build !linux

package app

import "time"

// machineUp is not known on this system.
func machineUp() (up time.Duration, known bool) { return 0, false }
