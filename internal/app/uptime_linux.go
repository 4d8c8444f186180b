package app

import (
	"syscall"
	"time"
)

// machineUp is for how long the machine has been up, sleep included, in whole seconds.
func machineUp() (up time.Duration, known bool) {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0, false
	}
	return time.Duration(info.Uptime) * time.Second, true
}
