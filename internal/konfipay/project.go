package konfipay

import (
	"strings"
	"time"

	"kontor/calendar"
	"kontor/finding"
	"kontor/internal/hub"
)

// Status is konfipay's word for how far a payment file has come. No other value ever leaves this API: clients fail on one they do not
// know.
type Status string

// The eleven statuses.
const (
	StatusRejected          Status = "KON_REJECTED"
	StatusQueued            Status = "KON_ACCEPTED_AND_QUEUED"
	StatusUploadSucceeded   Status = "FIN_UPLOAD_SUCCEEDED"
	StatusUploadFailed      Status = "FIN_UPLOAD_FAILED"
	StatusUploadUnclear     Status = "FIN_UPLOAD_UNCLEAR"
	StatusForwarded         Status = "FIN_VEU_FORWARDED"
	StatusCancelled         Status = "FIN_VEU_CANCELED"
	StatusAccepted          Status = "FIN_ACCEPTED"
	StatusPartiallyAccepted Status = "FIN_PARTIALLY_ACCEPTED"
	StatusConfirmed         Status = "FIN_CONFIRMED"
	StatusRejectedByBank    Status = "FIN_REJECTED"
)

// Project returns version 4's word for a state of the hub.
func Project(s hub.State) Status {
	switch s {
	case hub.StateRejected:
		return StatusRejected
	case hub.StateQueued, hub.StateSending:
		return StatusQueued
	case hub.StateSent:
		return StatusUploadSucceeded
	case hub.StateFailed:
		return StatusUploadFailed
	case hub.StateUnclear:
		return StatusUploadUnclear
	case hub.StateForwarded:
		return StatusForwarded
	case hub.StateCancelledAtBank:
		return StatusCancelled
	case hub.StateAccepted:
		return StatusAccepted
	case hub.StatePartiallyAccepted:
		return StatusPartiallyAccepted
	case hub.StateConfirmed:
		return StatusConfirmed
	case hub.StateRejectedByBank:
		return StatusRejectedByBank
	}
	return StatusUploadUnclear // a state this version does not know: ask again, conclude nothing
}

// shows says which optional elements accompany a status.
func (s Status) shows() (order, reason, errorItem bool) {
	switch s {
	case StatusRejected, StatusUploadFailed:
		return false, false, true
	case StatusQueued, StatusUploadUnclear:
		return false, false, false
	case StatusUploadSucceeded, StatusForwarded, StatusCancelled:
		return true, false, false
	case StatusAccepted, StatusPartiallyAccepted, StatusConfirmed, StatusRejectedByBank:
		return true, true, false
	}
	return false, false, false
}

// paymentItem projects a payment file.
func paymentItem(f hub.PaymentFile) object {
	status := Project(f.State)
	order, reason, failed := status.shows()
	item := object{
		{"status", string(status)}, {"uploadTimestamp", nil}, {"orderID", nil}, {"reasonCode", nil}, {"reason", nil},
		{"additionalInformation", nil}, {"errorItem", nil},
	}
	if order {
		item.set("uploadTimestamp", timestamp(f.Uploaded))
		item.set("orderID", text(f.Detail.OrderID))
	}
	if reason {
		item.set("reasonCode", text(f.Detail.ReasonCode))
		item.set("reason", text(f.Detail.Reason))
		item.set("additionalInformation", text(f.Detail.AdditionalInformation))
	}
	if failed {
		item.set("errorItem", fileError(f).object())
	}
	return object{
		{"rId", string(f.ID)}, {"timestamp", timestamp(f.Created)}, {"type", "pain"}, {"paymentStatusItem", item},
	}
}

// fileError says why a file was rejected by us or refused by the bank. Its time is that of the file's last change, so that asking twice
// gives the same answer.
func fileError(f hub.PaymentFile) errorItem {
	switch {
	case f.State == hub.StateFailed:
		parts := []string{f.Detail.ReasonCode, f.Detail.Reason, f.Detail.AdditionalInformation}
		return errorItem{UploadFailed, strings.Join(strings.Fields(strings.Join(parts, " ")), " "), f.Updated}
	case f.Detail.DuplicateOf != "":
		details := "DuplicateOf: " + string(f.Detail.DuplicateOf) + " (the same bytes came before and were not rejected)"
		return errorItem{DoubleSubmission, details, f.Updated}
	}
	lines := make([]string, len(f.Detail.Findings))
	for i, found := range f.Detail.Findings {
		lines[i] = findingLine(found)
	}
	return errorItem{ValidationFailed, strings.Join(lines, "\n"), f.Updated}
}

// findingLine is "PAIN-B1 line 12, column 3, Path: message".
func findingLine(f finding.Finding) string {
	line := string(f.Code)
	if f.At != (finding.Location{}) {
		line += " " + f.At.String()
	}
	if f.Severity == finding.Warning {
		line += " (warning)"
	}
	return line + ": " + f.Message
}

// documentItem projects a document.
func documentItem(d hub.Document) object {
	return object{
		{"rId", string(d.ID)},
		{"href", "api/v4/Document/Camt/" + string(d.ID)},
		{"timestamp", timestamp(d.Created)},
		{"iban", text(d.Detail.IBAN)},
		{"isNew", d.Retrieved.IsZero()},
		{"format", d.Format},
		{"fileName", text(d.Detail.FileName)},
	}
}

// timestamp is the local time in Berlin with its offset, without fractions of a second; nil for no time.
func timestamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(calendar.Berlin()).Format("2006-01-02T15:04:05-07:00")
}

// text is nil for an empty text: what is not known is left out.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
