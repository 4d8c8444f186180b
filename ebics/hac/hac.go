// Package hac reads and writes HAC, the customer protocol of EBICS in machine
// form: a pain.002.001.03 in which every OrgnlPmtInfAndSts is one event in the
// life of an order (EBICS 2.5, implementation of HAC; no schema beyond that of
// ISO 20022).
//
// A bank lists events in no promised order, may repeat them, and may list
// events of the customer's other users: (partner, order id, action, time) is
// the key of an event. FINAL events often carry no user.
package hac

import "time"

// namespace of the one message version that HAC uses.
const namespace = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"

// Action is what happened to an order. Banks add actions of their own; Known
// tells whether the standard has this one.
type Action string

// The actions of the standard.
const (
	FileUpload         Action = "FILE_UPLOAD"          // an order was transmitted to the bank, or broke off (TA01)
	FileDownload       Action = "FILE_DOWNLOAD"        // data were fetched
	ESUpload           Action = "ES_UPLOAD"            // a signature was transmitted
	ESDownload         Action = "ES_DOWNLOAD"          // a signature was fetched
	ESVerification     Action = "ES_VERIFICATION"      // the order's signature was checked
	VEUForwarding      Action = "VEU_FORWARDING"       // the order waits for distributed signatures, or for its accompanying note
	VEUVerification    Action = "VEU_VERIFICATION"     // one distributed signature was checked
	VEUVerificationEnd Action = "VEU_VERIFICATION_END" // the distributed signatures are complete
	VEUCancelOrder     Action = "VEU_CANCEL_ORDER"     // the order was cancelled while it waited
	Additional         Action = "ADDITIONAL"           // free text
	FinalPositive      Action = "ORDER_HAC_FINAL_POS"  // accepted: nothing follows in this protocol
	FinalNegative      Action = "ORDER_HAC_FINAL_NEG"  // refused: nothing follows in this protocol
)

// Actions lists the actions of the standard.
func Actions() []Action {
	return []Action{FileUpload, FileDownload, ESUpload, ESDownload, ESVerification, VEUForwarding, VEUVerification,
		VEUVerificationEnd, VEUCancelOrder, Additional, FinalPositive, FinalNegative}
}

// Known says whether the standard has this action.
func (a Action) Known() bool {
	for _, known := range Actions() {
		if a == known {
			return true
		}
	}
	return false
}

// Report is one customer protocol.
type Report struct {
	MessageID        string // GrpHdr/MsgId
	CreationDateTime string // GrpHdr/CreDtTm as written: the time of the fetch
	HostID           string // GrpHdr/InitgPty: the EBICS host id or the bank's BIC
	Events           []Event
}

// Event is one thing that happened to one order.
type Event struct {
	Action                Action
	Reason                string    // ISO or EBICS code such as TS01; "" when none is given
	PartnerID             string    // of the one who acted; in FINAL events of the order
	UserID                string    // "" when the bank acted
	OrderID               string    // "" or ZZZZ for orders that have none
	OrderType             string    // H005 banks: the AdminOrderType
	Timestamp             time.Time // UTC; zero if missing or unreadable
	TimestampText         string    // of an unreadable time what the bank wrote, else ""; ignored by Write
	AdditionalInformation []string  // the protocol text, line by line
	Offset                int64     // of the first raw byte of OrgnlPmtInfAndSts; ignored by Write
	Length                int64     // of OrgnlPmtInfAndSts in raw bytes; ignored by Write
}
