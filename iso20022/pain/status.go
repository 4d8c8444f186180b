package pain

import (
	"fmt"
	"io"
	"strings"

	"kontor/iso20022/internal/walk"
	"kontor/xmlscan"
)

// Status is a status code of a payment status report, as banks send it; a value may be
// none of the constants.
type Status string

// The status codes of ISO 20022 (ExternalPaymentGroupStatus1Code and
// ExternalPaymentTransactionStatus1Code) that concern credit transfers. What each means
// for a payment is the hub's to decide, by bank.
const (
	StatusACCC Status = "ACCC" // settled on the creditor's account
	StatusACCP Status = "ACCP" // customer profile checked
	StatusACSC Status = "ACSC" // settled on the debtor's account
	StatusACSP Status = "ACSP" // settlement in process
	StatusACTC Status = "ACTC" // syntax and technical checks passed
	StatusACWC Status = "ACWC" // accepted with a change
	StatusACWP Status = "ACWP" // accepted, not yet posted to the creditor
	StatusCANC Status = "CANC" // cancelled at the customer's request
	StatusPART Status = "PART" // some transactions accepted, others not
	StatusPDNG Status = "PDNG" // further checks to come
	StatusRCVD Status = "RCVD" // received
	StatusRJCT Status = "RJCT" // rejected
	StatusRCVC Status = "RCVC" // verification of payee: name matches
	StatusRVMC Status = "RVMC" // verification of payee: close match
	StatusRVNM Status = "RVNM" // verification of payee: no match
	StatusRVNA Status = "RVNA" // verification of payee: not possible
)

// StatusReport is a customer payment status report (pain.002).
type StatusReport struct {
	Version             string // "pain.002.001.03"
	MessageID           string
	CreationDateTime    string // as written
	OriginalMessageID   string // MsgId of the credit transfer
	OriginalMessageName string // "pain.001.001.09", or shorter: banks differ
	GroupStatus         Status // "" if given at lower levels only
	GroupReasons        []Reason
	Batches             []StatusBatch
}

// StatusBatch is the status of one payment information.
type StatusBatch struct {
	OriginalPaymentInformationID string
	Status                       Status // "" if given for transactions only
	Reasons                      []Reason
	Transactions                 []StatusTransaction
}

// StatusTransaction is the status of one transaction.
type StatusTransaction struct {
	OriginalInstructionID string
	OriginalEndToEndID    string
	Status                Status
	Reasons               []Reason
	Amount                string // OrgnlTxRef instructed amount, as written
	Currency              string
	DebtorAccount         string // OrgnlTxRef IBAN or other identification
	CreditorAccount       string
}

// Reason says why: Code of ExternalStatusReason1Code (AC01, AM04, …) or Proprietary.
type Reason struct {
	Code                  string
	Proprietary           string
	Originator            string // name, BIC or other identification
	AdditionalInformation []string
}

// ReadStatus reads a pain.002 of any version by its structure, leniently: unknown
// elements are passed over. It holds the whole report in memory: l.Bytes limits that.
// Another root is an *UnreadableError, malformed XML a wrapped *xmlscan.SyntaxError.
func ReadStatus(r io.Reader, l xmlscan.Limits) (StatusReport, error) {
	d := &statusReader{}
	err := walk.Walk(r, l, walk.Handler{Start: d.start, End: d.end})
	if err != nil {
		return StatusReport{}, fmt.Errorf("reading pain.002: %w", err)
	}
	if !d.rooted {
		return StatusReport{}, &UnreadableError{Code: CodeUnknownMessage, Message: "the document is empty"}
	}
	return d.report, nil
}

const (
	statusRoot  = "Document/CstmrPmtStsRpt"
	statusDepth = 2 // names above those that differ
)

type statusReader struct {
	report StatusReport
	rooted bool // CstmrPmtStsRpt was met
	ccy    string
}

func (d *statusReader) batch() *StatusBatch { return &d.report.Batches[len(d.report.Batches)-1] }

func (d *statusReader) transaction() *StatusTransaction {
	b := d.batch()
	return &b.Transactions[len(b.Transactions)-1]
}

func (d *statusReader) start(c *walk.Cursor) error {
	if c.Depth() <= statusDepth {
		return d.root(c)
	}
	switch path := c.Below(statusDepth); string(path) {
	case "OrgnlPmtInfAndSts":
		d.report.Batches = append(d.report.Batches, StatusBatch{})
	case "OrgnlPmtInfAndSts/TxInfAndSts":
		b := d.batch()
		b.Transactions = append(b.Transactions, StatusTransaction{})
	case "OrgnlGrpInfAndSts/StsRsnInf":
		d.report.GroupReasons = append(d.report.GroupReasons, Reason{})
	case "OrgnlPmtInfAndSts/StsRsnInf":
		b := d.batch()
		b.Reasons = append(b.Reasons, Reason{})
	case "OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf":
		t := d.transaction()
		t.Reasons = append(t.Reasons, Reason{})
	case "OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef/Amt/InstdAmt":
		d.ccy = c.Attr("Ccy")
	}
	return nil
}

// root accepts CstmrPmtStsRpt in a document; the namespace tells the version only.
func (d *statusReader) root(c *walk.Cursor) error {
	if path := string(c.Path()); path != statusRoot && path != "Document" {
		return &UnreadableError{Code: CodeUnknownMessage, At: c.At(), Message: "the document is not a customer payment status report"}
	}
	if c.Depth() == statusDepth {
		d.rooted = true
		d.report.Version = walk.Message(c.Space(), "pain.002.")
	}
	return nil
}

func (d *statusReader) end(c *walk.Cursor) error {
	path := c.Below(statusDepth)
	for _, level := range []struct {
		prefix  string
		reasons func() []Reason
	}{
		{"OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf/", func() []Reason { return d.transaction().Reasons }},
		{"OrgnlPmtInfAndSts/StsRsnInf/", func() []Reason { return d.batch().Reasons }},
		{"OrgnlGrpInfAndSts/StsRsnInf/", func() []Reason { return d.report.GroupReasons }},
	} {
		if below, ok := strings.CutPrefix(string(path), level.prefix); ok {
			reasons := level.reasons()
			reasons[len(reasons)-1].set(below, c.Value())
			return nil
		}
	}
	if below, ok := strings.CutPrefix(string(path), "OrgnlPmtInfAndSts/TxInfAndSts/"); ok {
		d.transaction().set(below, c.Value(), d.ccy)
		return nil
	}
	switch string(path) {
	case "GrpHdr/MsgId":
		d.report.MessageID = c.Value()
	case "GrpHdr/CreDtTm":
		d.report.CreationDateTime = c.Value()
	case "OrgnlGrpInfAndSts/OrgnlMsgId":
		d.report.OriginalMessageID = c.Value()
	case "OrgnlGrpInfAndSts/OrgnlMsgNmId":
		d.report.OriginalMessageName = c.Value()
	case "OrgnlGrpInfAndSts/GrpSts":
		d.report.GroupStatus = Status(c.Value())
	case "OrgnlPmtInfAndSts/OrgnlPmtInfId":
		d.batch().OriginalPaymentInformationID = c.Value()
	case "OrgnlPmtInfAndSts/PmtInfSts":
		d.batch().Status = Status(c.Value())
	}
	return nil
}

func (t *StatusTransaction) set(path, value, currency string) {
	switch path {
	case "OrgnlInstrId":
		t.OriginalInstructionID = value
	case "OrgnlEndToEndId":
		t.OriginalEndToEndID = value
	case "TxSts":
		t.Status = Status(value)
	case "OrgnlTxRef/Amt/InstdAmt":
		t.Amount, t.Currency = value, currency
	case "OrgnlTxRef/DbtrAcct/Id/IBAN", "OrgnlTxRef/DbtrAcct/Id/Othr/Id":
		t.DebtorAccount = value
	case "OrgnlTxRef/CdtrAcct/Id/IBAN", "OrgnlTxRef/CdtrAcct/Id/Othr/Id":
		t.CreditorAccount = value
	}
}

func (r *Reason) set(path, value string) {
	switch path {
	case "Rsn/Cd":
		r.Code = value
	case "Rsn/Prtry":
		r.Proprietary = value
	case "AddtlInf":
		r.AdditionalInformation = append(r.AdditionalInformation, value)
	case "Orgtr/Nm", "Orgtr/Id/OrgId/BICOrBEI", "Orgtr/Id/OrgId/AnyBIC", "Orgtr/Id/OrgId/Othr/Id":
		if r.Originator == "" {
			r.Originator = value
		}
	}
}
