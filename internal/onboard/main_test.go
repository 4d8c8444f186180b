package onboard_test

import (
	"os"
	"testing"

	"kontor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
