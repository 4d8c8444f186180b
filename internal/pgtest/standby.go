package pgtest

import (
	"fmt"
	"testing"
	"time"
)

// standbyName is what a standby calls itself towards its primary.
const standbyName = "kontor_standby"

// BaseBackup is the command line, without the program, that copies a primary into an empty data folder and makes the copy a standby. source is
// the primary's connection string. docs/how-to/second-site.md names the same.
func BaseBackup(data, source string) []string {
	return []string{
		"--pgdata", data, "--dbname", source + " application_name=" + standbyName, "--wal-method", "stream", "--checkpoint", "fast",
		"--write-recovery-conf",
	}
}

// FollowStatements make a primary wait with each commit until the standby has it.
func FollowStatements() []string {
	return []string{"ALTER SYSTEM SET synchronous_standby_names = '" + standbyName + "'", "SELECT pg_reload_conf()"}
}

// PromoteStatements make a standby a primary. The order to wait for a standby came with the copy, and would be for one that does not exist.
func PromoteStatements() []string {
	return []string{"ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()", "SELECT pg_promote(true, 60)"}
}

// Standby returns a server of its own that follows s by streaming replication: a copy of all its databases that can be read. From now on
// s waits with each commit until the standby has it on disk (synchronous_commit = on with this one synchronous standby), so a standby that
// is gone makes s stand still. It ends with the test.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	follower, err := fill(s.durable, func(f *Server) error {
		source := fmt.Sprintf("host=127.0.0.1 port=%d user=kontor", s.port)
		return f.program("pg_basebackup", append(BaseBackup(f.data(), source), "--no-sync")...)
	})
	follower.owned(t, err)
	for _, statement := range FollowStatements() {
		if err := s.admin(statement); err != nil {
			t.Fatalf("pgtest: %s: %v", statement, err)
		}
	}
	s.until(t, "the standby to be synchronous", "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'")
	return follower
}

// Promote makes a standby a primary and returns when it takes writes. The old primary must never serve again.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	for _, statement := range PromoteStatements() {
		if err := s.admin(statement); err != nil {
			t.Fatalf("pgtest: %s: %v", statement, err)
		}
	}
	s.until(t, "the promotion", "SELECT NOT pg_is_in_recovery()")
}

// until asks again and again until the answer is true.
func (s *Server) until(t testing.TB, what, question string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		yes, err := s.ask(question)
		if yes && err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("pgtest: waited %s for %s, error %v", patience, what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
