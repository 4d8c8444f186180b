package app

import (
	"os"
	"testing"
)

func TestUptimeOfThisMachineGrows(t *testing.T) {
	if _, err := os.Stat(bootFile); err != nil {
		t.Skip("this system does not name its starts: run this on Linux")
	}
	first := uptime("node")
	if first.Witness == "" || first.Up <= 0 {
		t.Fatalf("%+v", first)
	}
	if again := uptime("node"); again.Witness != first.Witness || again.Up < first.Up {
		t.Errorf("%+v after %+v", again, first)
	}
	if other := uptime("other"); other.Witness == first.Witness {
		t.Error("two nodes have one witness")
	}
	// A service that does not see the system's files is told by its unit, which writes the same without hyphens.
	boot := bootID()
	t.Setenv(bootVariable, boot)
	if told := uptime("node"); told.Witness != first.Witness {
		t.Errorf("told by the unit %+v, by the system %+v", told, first)
	}
}
