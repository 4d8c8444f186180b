package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// atOnce is how many parallel tests run at the same time: they wait more than they work, so a few more than there are cores.
const atOnce = "5"

// engines runs a test on both databases, at the same time.
func engines(t *testing.T, run func(t *testing.T, database string)) {
	t.Helper()
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); run(t, "") })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); run(t, pgtest.Database(t)) })
}

// embeddedFirst runs a test on SQLite, and on PostgreSQL, too, in the long form: for what hardly depends on the database.
func embeddedFirst(t *testing.T, run func(t *testing.T, database string)) {
	t.Helper()
	if rig.Long() {
		engines(t, run)
		return
	}
	run(t, "")
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
	}
	status := pgtest.Main(m)
	if err := rig.RemoveBinaries(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return max(status, 1)
	}
	return status
}
