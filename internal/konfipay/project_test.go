package konfipay

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
)

var allStatuses = []Status{
	StatusRejected, StatusQueued, StatusUploadSucceeded, StatusUploadFailed, StatusUploadUnclear, StatusForwarded, StatusCancelled,
	StatusAccepted, StatusPartiallyAccepted, StatusConfirmed, StatusRejectedByBank,
}

// Clients fail on a status they do not know, so every state needs one of the eleven, and each of the eleven comes from some state.
func TestEveryStateHasOneOfTheElevenStatuses(t *testing.T) {
	want := map[hub.State]string{
		hub.StateRejected: "KON_REJECTED", hub.StateQueued: "KON_ACCEPTED_AND_QUEUED", hub.StateSending: "KON_ACCEPTED_AND_QUEUED",
		hub.StateUnclear: "FIN_UPLOAD_UNCLEAR", hub.StateFailed: "FIN_UPLOAD_FAILED", hub.StateSent: "FIN_UPLOAD_SUCCEEDED",
		hub.StateForwarded: "FIN_VEU_FORWARDED", hub.StateCancelledAtBank: "FIN_VEU_CANCELED", hub.StateAccepted: "FIN_ACCEPTED",
		hub.StatePartiallyAccepted: "FIN_PARTIALLY_ACCEPTED", hub.StateConfirmed: "FIN_CONFIRMED", hub.StateRejectedByBank: "FIN_REJECTED",
	}
	reached := map[Status]bool{}
	for _, s := range hub.States() {
		if got := Project(s); string(got) != want[s] {
			t.Errorf("%s is %s, want %s", s, got, want[s])
		}
		reached[Project(s)] = true
	}
	for _, s := range allStatuses {
		if !reached[s] {
			t.Errorf("no state leads to %s", s)
		}
	}
	if len(reached) != 11 {
		t.Errorf("%d statuses", len(reached))
	}
	if Project("a state of tomorrow") != StatusUploadUnclear {
		t.Error("an unknown state must promise nothing")
	}
}

// A final status of the API must not come from a state that still moves, or clients would stop asking too early.
func TestFinalStatusesComeFromFinalStates(t *testing.T) {
	final := map[Status]bool{
		StatusRejected: true, StatusUploadFailed: true, StatusCancelled: true, StatusPartiallyAccepted: true, StatusConfirmed: true, StatusRejectedByBank: true,
	}
	for _, s := range hub.States() {
		if final[Project(s)] != s.Final() {
			t.Errorf("%s (final %v) is shown as %s (final %v)", s, s.Final(), Project(s), final[Project(s)])
		}
	}
}

// full has every detail set, so that what a status hides must be hidden on purpose.
func full(s hub.State) hub.PaymentFile {
	at := time.Date(2021, 7, 15, 15, 54, 27, 999_999_000, time.UTC)
	return hub.PaymentFile{
		ID: "5d12c087-be1e-456c-a33f-4f8750fa7814", State: s, Created: at, Updated: at.Add(time.Hour), Uploaded: at.Add(time.Minute),
		Detail: hub.FileDetail{
			OrderID: "A1BC", ReasonCode: "TS01", Reason: "The transfer of the file was successful", AdditionalInformation: "Additional\ninformation",
			Findings: []finding.Finding{
				{Code: "PAIN-B1", Severity: finding.Error, At: finding.Location{Line: 12, Column: 3, Path: "CstmrCdtTrfInitn/GrpHdr/NbOfTxs"}, Message: "the file has 2 payments", Text: "3"},
				{Code: "PAIN-E9", Severity: finding.Warning, Message: "no place"},
			},
		},
	}
}

func TestPaymentItemShowsWhatItsStatusAllows(t *testing.T) {
	head := `{"rId":"5d12c087-be1e-456c-a33f-4f8750fa7814","timestamp":"2021-07-15T17:54:27+02:00","type":"pain","paymentStatusItem":{"status":`
	order := `,"uploadTimestamp":"2021-07-15T17:55:27+02:00","orderID":"A1BC"`
	reason := `,"reasonCode":"TS01","reason":"The transfer of the file was successful","additionalInformation":"Additional\ninformation"`
	failed := func(code, details string) string {
		return `,"errorItem":{` + code + `,"errorDetails":"` + details + `","timestamp":"2021-07-15T18:54:27+02:00"}`
	}
	want := map[hub.State]string{
		hub.StateRejected: `"KON_REJECTED"` + failed(`"errorCode":"ERR-02-0002","errorMessage":"ValidationFailed"`,
			`PAIN-B1 line 12, column 3, CstmrCdtTrfInitn/GrpHdr/NbOfTxs: the file has 2 payments\nPAIN-E9 (warning): no place`),
		hub.StateQueued:  `"KON_ACCEPTED_AND_QUEUED"`,
		hub.StateSending: `"KON_ACCEPTED_AND_QUEUED"`,
		hub.StateUnclear: `"FIN_UPLOAD_UNCLEAR"`,
		hub.StateFailed: `"FIN_UPLOAD_FAILED"` + failed(`"errorCode":"ERR-03-0001","errorMessage":"UploadFailed"`,
			`TS01 The transfer of the file was successful Additional information`),
		hub.StateSent:              `"FIN_UPLOAD_SUCCEEDED"` + order,
		hub.StateForwarded:         `"FIN_VEU_FORWARDED"` + order,
		hub.StateCancelledAtBank:   `"FIN_VEU_CANCELED"` + order,
		hub.StateAccepted:          `"FIN_ACCEPTED"` + order + reason,
		hub.StatePartiallyAccepted: `"FIN_PARTIALLY_ACCEPTED"` + order + reason,
		hub.StateConfirmed:         `"FIN_CONFIRMED"` + order + reason,
		hub.StateRejectedByBank:    `"FIN_REJECTED"` + order + reason,
	}
	for _, s := range hub.States() {
		got := string(appendJSON(nil, paymentItem(full(s))))
		if got != head+want[s]+"}}" {
			t.Errorf("%s:\n got %s\nwant %s", s, got, head+want[s]+"}}")
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: not JSON: %s", s, got)
		}
	}
}

// What the hub does not know is left out of JSON and nil in XML, never empty.
func TestUnknownElementsAreLeftOut(t *testing.T) {
	f := hub.PaymentFile{ID: "1", State: hub.StateAccepted, Created: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if got, want := string(appendJSON(nil, paymentItem(f))), `{"rId":"1","timestamp":"2026-01-01T01:00:00+01:00","type":"pain","paymentStatusItem":{"status":"FIN_ACCEPTED"}}`; got != want {
		t.Errorf("got %s", got)
	}
	if got := string(xmlDocument("PaymentItem", paymentItem(f))); strings.Count(got, `i:nil="true"`) != 6 {
		t.Errorf("got %s", got)
	}
}

func TestDoubleSubmissionNamesTheFirstFile(t *testing.T) {
	f := full(hub.StateRejected)
	f.Detail.DuplicateOf = "0190a0b0-0000-7000-8000-000000000001"
	got := fileError(f)
	if got.code != DoubleSubmission || !strings.HasPrefix(got.details, "DuplicateOf: 0190a0b0-0000-7000-8000-000000000001") {
		t.Errorf("%+v", got)
	}
}

// Berlin changes its clocks at 01:00 UTC: the offset must follow, also within the hour that occurs twice.
func TestTimestampsFollowTheClocksOfBerlin(t *testing.T) {
	for _, c := range []struct{ utc, want string }{
		{"2021-07-15T15:54:27Z", "2021-07-15T17:54:27+02:00"},
		{"2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"},
		{"2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"},
		{"2026-10-25T00:59:59.999999Z", "2026-10-25T02:59:59+02:00"},
		{"2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"},
		{"2026-12-31T23:30:00Z", "2027-01-01T00:30:00+01:00"},
	} {
		moment, err := time.Parse(time.RFC3339Nano, c.utc)
		must(t, err)
		if got := timestamp(moment); got != c.want {
			t.Errorf("%s: %s, want %s", c.utc, got, c.want)
		}
	}
	if timestamp(time.Time{}) != nil {
		t.Error("no time must be nil")
	}
}
