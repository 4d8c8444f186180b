package demo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/finding"
)

// status is a payment status of the konfipay API, as written on the wire.
type status string

// The eleven statuses; no other value ever leaves the API.
const (
	konRejected          status = "KON_REJECTED"
	konAcceptedAndQueued status = "KON_ACCEPTED_AND_QUEUED"
	finUploadSucceeded   status = "FIN_UPLOAD_SUCCEEDED"
	finUploadFailed      status = "FIN_UPLOAD_FAILED"
	finUploadUnclear     status = "FIN_UPLOAD_UNCLEAR"
	finVEUForwarded      status = "FIN_VEU_FORWARDED"
	finVEUCanceled       status = "FIN_VEU_CANCELED"
	finAccepted          status = "FIN_ACCEPTED"
	finPartiallyAccepted status = "FIN_PARTIALLY_ACCEPTED"
	finConfirmed         status = "FIN_CONFIRMED"
	finRejected          status = "FIN_REJECTED"
)

// statuses returns all statuses in the order of a file's life.
func statuses() []status {
	return []status{
		konRejected, konAcceptedAndQueued, finUploadSucceeded, finUploadFailed, finUploadUnclear, finVEUForwarded, finVEUCanceled,
		finAccepted, finPartiallyAccepted, finConfirmed, finRejected,
	}
}

// Faults of a journey; test with errors.Is.
var (
	errUnknownStatus = errors.New("unknown status")
	errMissingStatus = errors.New("status missing")
	errStatusOrder   = errors.New("status out of order")
	errOrderID       = errors.New("order id missing or changed")
)

// sighting is one status as one HTTP answer of this run gave it.
type sighting struct {
	At         time.Time // when the answer arrived
	Status     status
	OrderID    string // EBICS order number, "" before the upload
	ReasonCode string
	Reason     string
	Text       string // the bank's own words (additionalInformation)
	Source     string // the request that was answered
}

// journey checks that a file's statuses come in the expected order and that none is left out. It knows only what it is shown:
// a status that no HTTP answer carried does not exist for it.
type journey struct {
	want [][]status // one place after the other; the statuses of one place are alternatives
	seen []sighting
}

// newJourney expects one of the statuses of each place, in this order.
func newJourney(places ...[]status) *journey { return &journey{want: places} }

// observe takes in one answer. It reports whether the status is a new one; a repetition of the last one is not. The error is
// errUnknownStatus, errMissingStatus (a later status came first), errStatusOrder or errOrderID, with the details.
func (j *journey) observe(s sighting) (bool, error) {
	if !slices.Contains(statuses(), s.Status) {
		return false, fmt.Errorf("%w %q in the answer to %s", errUnknownStatus, s.Status, s.Source)
	}
	last := j.last()
	if err := checkOrderID(last, s); err != nil {
		return false, err
	}
	if s.Status == last.Status {
		return false, nil
	}
	place := len(j.seen)
	if place < len(j.want) && slices.Contains(j.want[place], s.Status) {
		j.seen = append(j.seen, s)
		return true, nil
	}
	for later := place + 1; later < len(j.want); later++ {
		if slices.Contains(j.want[later], s.Status) {
			return false, fmt.Errorf("%w: %s was never seen, but %s came after %s",
				errMissingStatus, alternatives(j.want[place:later]), s.Status, name(last.Status))
		}
	}
	if place >= len(j.want) {
		return false, fmt.Errorf("%w: %s came after the final %s", errStatusOrder, s.Status, name(last.Status))
	}
	return false, fmt.Errorf("%w: %s came after %s, where %s was expected%s",
		errStatusOrder, s.Status, name(last.Status), alternatives(j.want[place:place+1]), because(s))
}

// complete says whether every expected status was seen; the error names those that were not.
func (j *journey) complete() error {
	if len(j.seen) < len(j.want) {
		return fmt.Errorf("%w: %s after %s", errMissingStatus, alternatives(j.want[len(j.seen):]), name(j.last().Status))
	}
	return nil
}

// reached says whether the last status seen is one of those given.
func (j *journey) reached(targets ...status) bool { return slices.Contains(targets, j.last().Status) }

// last returns the newest sighting, the zero value before the first.
func (j *journey) last() sighting {
	if len(j.seen) == 0 {
		return sighting{}
	}
	return j.seen[len(j.seen)-1]
}

// checkOrderID holds the answers to what the API promises: from FIN_UPLOAD_SUCCEEDED on there is an order id, and it stays.
func checkOrderID(last, s sighting) error {
	switch s.Status {
	case konRejected, konAcceptedAndQueued, finUploadFailed, finUploadUnclear:
		return nil
	case finUploadSucceeded, finVEUForwarded, finVEUCanceled, finAccepted, finPartiallyAccepted, finConfirmed, finRejected:
	}
	if s.OrderID == "" {
		return fmt.Errorf("%w: %s came without one", errOrderID, s.Status)
	}
	if last.OrderID != "" && last.OrderID != s.OrderID {
		return fmt.Errorf("%w: %s with %s came after %s", errOrderID, s.Status, s.OrderID, last.OrderID)
	}
	return nil
}

// because returns the reason given with a status, for errors.
func because(s sighting) string {
	if s.ReasonCode == "" && s.Reason == "" {
		return ""
	}
	return " (" + strings.TrimSpace(s.ReasonCode+" "+s.Reason) + ")"
}

// why is the reason in one line of at most 70 characters: code and text, or else the beginning of the bank's own words.
func (s sighting) why() string {
	text := strings.TrimSpace(s.ReasonCode + " " + s.Reason)
	if text == "" {
		text = s.Text
	}
	return finding.Shorten(strings.Join(strings.Fields(text), " "))
}

// alternatives writes places: "A, then B or C".
func alternatives(places [][]status) string {
	texts := make([]string, 0, len(places))
	for _, place := range places {
		words := make([]string, 0, len(place))
		for _, s := range place {
			words = append(words, string(s))
		}
		texts = append(texts, strings.Join(words, " or "))
	}
	return strings.Join(texts, ", then ")
}

// name writes a status, also the one before the first.
func name(s status) string {
	if s == "" {
		return "the start"
	}
	return string(s)
}
