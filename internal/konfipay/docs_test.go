package konfipay

import (
	"os"
	"strings"
	"testing"
)

// The pages that integrators read must name every endpoint, status and error that the code can answer.
func TestThePagesNameWhatTheCodeAnswers(t *testing.T) {
	reference, err := os.ReadFile("../../docs/reference/konfipay-v4.md")
	must(t, err)
	divergences, err := os.ReadFile("../../docs/divergences/konfipay.md")
	must(t, err)
	for _, r := range routes() {
		if !strings.Contains(string(reference), "| `"+r.method+" "+r.pattern) {
			t.Errorf("the reference does not list %s %s", r.method, r.pattern)
		}
	}
	for _, s := range allStatuses {
		if !strings.Contains(string(reference), "| `"+string(s)+"` |") {
			t.Errorf("the reference does not list %s", s)
		}
	}
	known := []ErrorCode{RIdNotFound, InvalidStartDate, InvalidEndDate, InvalidPeriod, MissingParameter, UnknownBankAccount}
	ours := []ErrorCode{
		UnreadableFile, ValidationFailed, DoubleSubmission, FileTooLarge, UnsupportedContent, UploadFailed, MissingScope, InternalError,
		Unavailable, InvalidRequest, StorageFull,
	}
	for _, c := range append(known, ours...) {
		if !strings.Contains(string(reference), c.Name) || !strings.Contains(string(reference), c.Number[len("ERR-00"):]) {
			t.Errorf("the reference does not list %s %s", c.Number, c.Name)
		}
	}
	for _, c := range ours {
		if !strings.Contains(string(divergences), "`"+c.Number+"` "+c.Name) {
			t.Errorf("the divergences do not list %s %s", c.Number, c.Name)
		}
	}
}
