package demo

import (
	"errors"
	"slices"
	"testing"
)

// A demo that passes whatever the hub says would prove nothing.
func TestJourney(t *testing.T) {
	usual := func() *journey {
		return newJourney([]status{konAcceptedAndQueued}, []status{finUploadSucceeded}, []status{finVEUForwarded}, []status{finAccepted},
			[]status{finConfirmed, finRejected})
	}
	for _, row := range []struct {
		name     string
		statuses []status
		observe  error // of the last status
		complete bool
	}{
		{"every status once", []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finAccepted, finConfirmed}, nil, true},
		{"repetitions", []status{konAcceptedAndQueued, konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finVEUForwarded, finAccepted, finConfirmed, finConfirmed}, nil, true},
		{"the other end", []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finAccepted, finRejected}, nil, true},
		{"nothing", nil, nil, false},
		{"stops too early", []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finAccepted}, nil, false},
		{"one left out", []status{konAcceptedAndQueued, finVEUForwarded}, errMissingStatus, false},
		{"first left out", []status{finUploadSucceeded}, errMissingStatus, false},
		{"last but one left out", []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finConfirmed}, errMissingStatus, false},
		{"backwards", []status{konAcceptedAndQueued, finUploadSucceeded, konAcceptedAndQueued}, errStatusOrder, false},
		{"after the end", []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finAccepted, finConfirmed, finRejected}, errStatusOrder, true},
		{"a known status that does not belong here", []status{konAcceptedAndQueued, finUploadUnclear}, errStatusOrder, false},
		{"rejected at once", []status{konRejected}, errStatusOrder, false},
		{"unknown", []status{konAcceptedAndQueued, "FIN_DONE"}, errUnknownStatus, false},
		{"empty", []status{""}, errUnknownStatus, false},
		{"lower case", []status{"kon_accepted_and_queued"}, errUnknownStatus, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			j := usual()
			var err error
			for i, s := range row.statuses {
				if err != nil {
					t.Fatalf("status %d: %v", i, err)
				}
				_, err = j.observe(sighting{Status: s, OrderID: "A001"})
			}
			if !errors.Is(err, row.observe) {
				t.Errorf("observe: %v, want %v", err, row.observe)
			}
			if err := j.complete(); (err == nil) != row.complete || err != nil && !errors.Is(err, errMissingStatus) {
				t.Errorf("complete: %v", err)
			}
		})
	}
}

func TestJourneyHoldsTheOrderID(t *testing.T) {
	for _, row := range []struct {
		name         string
		first, later string
		want         error
	}{
		{"stays", "A001", "A001", nil},
		{"missing", "", "", errOrderID},
		{"vanishes", "A001", "", errOrderID},
		{"changes", "A001", "A002", errOrderID},
	} {
		t.Run(row.name, func(t *testing.T) {
			j := newJourney([]status{finUploadSucceeded}, []status{finVEUForwarded})
			_, err := j.observe(sighting{Status: finUploadSucceeded, OrderID: row.first})
			if err == nil {
				_, err = j.observe(sighting{Status: finVEUForwarded, OrderID: row.later})
			}
			if !errors.Is(err, row.want) {
				t.Errorf("%v, want %v", err, row.want)
			}
		})
	}
}

func TestRepetitionIsNoNews(t *testing.T) {
	j := newJourney([]status{konAcceptedAndQueued})
	for i, want := range []bool{true, false, false} {
		if fresh, err := j.observe(sighting{Status: konAcceptedAndQueued}); fresh != want || err != nil {
			t.Errorf("answer %d: %v, %v", i, fresh, err)
		}
	}
	if len(j.seen) != 1 {
		t.Errorf("%d sightings", len(j.seen))
	}
}

// The API promises exactly these; a twelfth would be a break of compatibility.
func TestThereAreElevenStatuses(t *testing.T) {
	all := statuses()
	slices.Sort(all)
	if len(slices.Compact(all)) != 11 {
		t.Errorf("%d statuses", len(all))
	}
}
