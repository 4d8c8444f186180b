package pain

import (
	"bytes"
	"fmt"
	"io"

	"kontor/iso20022/internal/walk"
	"kontor/xmlscan"
)

// Status is a status code of a payment status report, as banks send it; a value may be
// none of the constants.
type Status string

// The status codes of ISO 20022 (ExternalPaymentGroupStatus1Code and
// ExternalPaymentTransactionStatus1Code) that concern credit transfers and direct debits. What each means
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

// StatusReport is a customer payment status report (pain.002), about a credit transfer
// or a direct debit. A report may have a hundred thousand transactions: ReadStatus
// hands batches out one by one and leaves Batches empty; WriteStatus writes them.
type StatusReport struct {
	Version             string // "pain.002.001.03"
	MessageID           string
	CreationDateTime    string // as written
	OriginalMessageID   string // MsgId of the credit transfer or direct debit
	OriginalMessageName string // "pain.001.001.09", "pain.008.001.08", or shorter: banks differ
	GroupStatus         Status // "" if given at lower levels only
	GroupReasons        []Reason
	Batches             []StatusBatch // for WriteStatus only
}

// StatusBatch is the status of one payment information.
type StatusBatch struct {
	OriginalPaymentInformationID string
	Status                       Status // "" if given for transactions only
	Reasons                      []Reason
	Transactions                 []StatusTransaction // for WriteStatus only
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
	MandateID             string // OrgnlTxRef, of a direct debit
}

// Reason says why: Code of ExternalStatusReason1Code (AC01, AM04, …) or Proprietary.
type Reason struct {
	Code                  string
	Proprietary           string
	Originator            string // name, BIC or other identification
	AdditionalInformation []string
}

// StatusVisitor receives what ReadStatus reads, in document order: Report once, before
// the first batch, then Batch before the first transaction of each, then Transaction
// for each with its batch. All are complete when handed out. A nil function is not
// called. Pointers are valid during the call only, strings and reasons may be kept. An
// error ends ReadStatus, which returns it wrapped.
type StatusVisitor struct {
	Report      func(*StatusReport) error
	Batch       func(*StatusBatch) error
	Transaction func(*StatusBatch, *StatusTransaction) error
}

// maxReasons is how many reasons of one level, and lines of one reason, are kept. Banks
// give a handful.
const maxReasons = 1000

// ReadStatus reads a pain.002 of any version by its structure, leniently: unknown
// elements are passed over. It holds one transaction at a time, and returns the report
// that it handed out. Another root is an *UnreadableError, and so is a statement about
// the group after the first batch, or about a batch after its first transaction: the
// schemas forbid both, and what was handed out would have been judged without it.
// Malformed XML is a wrapped *xmlscan.SyntaxError. After an error nothing that was
// handed out may be acted on.
func ReadStatus(r io.Reader, l xmlscan.Limits, v StatusVisitor) (StatusReport, error) {
	d := &statusReader{visitor: v}
	err := walk.Walk(r, l, walk.Handler{Start: d.start, End: d.end})
	if err == nil && !d.rooted {
		return StatusReport{}, &UnreadableError{Code: CodeUnknownMessage, Message: "the document is empty"}
	}
	if err == nil {
		err = d.handReport()
	}
	if err != nil {
		return StatusReport{}, fmt.Errorf("reading pain.002: %w", err)
	}
	return d.report, nil
}

const (
	statusRoot  = "Document/CstmrPmtStsRpt"
	statusDepth = 2 // names above those that differ
)

type statusReader struct {
	visitor     StatusVisitor
	report      StatusReport
	batch       StatusBatch
	transaction StatusTransaction
	reasons     *[]Reason // of the open StsRsnInf
	rooted      bool      // CstmrPmtStsRpt was met
	reported    bool      // the report was handed out
	batched     bool      // the open batch was handed out
	ccy         string
}

func (d *statusReader) start(c *walk.Cursor) error {
	if c.Depth() <= statusDepth {
		return d.root(c)
	}
	switch path := c.Below(statusDepth); string(path) {
	case "GrpHdr", "OrgnlGrpInfAndSts":
		if d.reported {
			return late(c, "a statement about the group stands after a batch")
		}
	case "OrgnlPmtInfAndSts":
		d.batch, d.batched = StatusBatch{}, false
		return d.handReport()
	case "OrgnlPmtInfAndSts/TxInfAndSts":
		d.transaction = StatusTransaction{}
		return d.handBatch()
	case "OrgnlPmtInfAndSts/OrgnlPmtInfId", "OrgnlPmtInfAndSts/PmtInfSts":
		return d.beforeTransactions(c)
	case "OrgnlGrpInfAndSts/StsRsnInf":
		d.openReason(&d.report.GroupReasons)
	case "OrgnlPmtInfAndSts/StsRsnInf":
		d.openReason(&d.batch.Reasons)
		return d.beforeTransactions(c)
	case "OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf":
		d.openReason(&d.transaction.Reasons)
	case "OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef/Amt/InstdAmt":
		d.ccy = c.Attr("Ccy")
	}
	return nil
}

// openReason begins a reason; beyond maxReasons its values are dropped.
func (d *statusReader) openReason(list *[]Reason) {
	if d.reasons = nil; len(*list) < maxReasons {
		*list = append(*list, Reason{})
		d.reasons = list
	}
}

func (d *statusReader) beforeTransactions(c *walk.Cursor) error {
	if d.batched {
		return late(c, "a statement about the batch stands after its transactions")
	}
	return nil
}

func late(c *walk.Cursor, message string) error {
	return &UnreadableError{Code: CodeUnknownMessage, At: c.At(), Message: message}
}

func (d *statusReader) handReport() error {
	if d.reported {
		return nil
	}
	d.reported = true
	if d.visitor.Report == nil {
		return nil
	}
	if err := d.visitor.Report(&d.report); err != nil {
		return fmt.Errorf("handing out the report: %w", err)
	}
	return nil
}

func (d *statusReader) handBatch() error {
	if d.batched {
		return nil
	}
	d.batched = true
	if d.visitor.Batch == nil {
		return nil
	}
	if err := d.visitor.Batch(&d.batch); err != nil {
		return fmt.Errorf("handing out a batch: %w", err)
	}
	return nil
}

func (d *statusReader) handTransaction() error {
	if d.visitor.Transaction == nil {
		return nil
	}
	if err := d.visitor.Transaction(&d.batch, &d.transaction); err != nil {
		return fmt.Errorf("handing out a transaction: %w", err)
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

const (
	batchPath       = "OrgnlPmtInfAndSts"
	transactionPath = "OrgnlPmtInfAndSts/TxInfAndSts"
	reasonName      = "StsRsnInf/"
)

func (d *statusReader) end(c *walk.Cursor) error {
	path := c.Below(statusDepth)
	if below, ok := bytes.CutPrefix(path, []byte(transactionPath+"/")); ok {
		if below, ok = bytes.CutPrefix(below, []byte(reasonName)); ok {
			d.reasonValue(below, c)
		} else {
			d.transaction.set(c, d.ccy)
		}
		return nil
	}
	if below, ok := bytes.CutPrefix(path, []byte(batchPath+"/"+reasonName)); ok {
		d.reasonValue(below, c)
		return nil
	}
	switch string(path) {
	case transactionPath:
		return d.handTransaction()
	case batchPath:
		return d.handBatch()
	case "OrgnlPmtInfAndSts/OrgnlPmtInfId":
		d.batch.OriginalPaymentInformationID = c.Value()
	case "OrgnlPmtInfAndSts/PmtInfSts":
		d.batch.Status = Status(c.Value())
	default:
		d.headerValue(path, c)
	}
	return nil
}

func (d *statusReader) headerValue(path []byte, c *walk.Cursor) {
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
	default:
		if below, ok := bytes.CutPrefix(path, []byte("OrgnlGrpInfAndSts/"+reasonName)); ok {
			d.reasonValue(below, c)
		}
	}
}

func (d *statusReader) reasonValue(path []byte, c *walk.Cursor) {
	if d.reasons != nil {
		(*d.reasons)[len(*d.reasons)-1].set(path, c)
	}
}

// set takes a value of the transaction; a path that is not known costs nothing.
func (t *StatusTransaction) set(c *walk.Cursor, currency string) {
	switch string(c.Below(statusDepth + 2)) {
	case "OrgnlInstrId":
		t.OriginalInstructionID = c.Value()
	case "OrgnlEndToEndId":
		t.OriginalEndToEndID = c.Value()
	case "TxSts":
		t.Status = Status(c.Value())
	case "OrgnlTxRef/Amt/InstdAmt":
		t.Amount, t.Currency = c.Value(), currency
	case "OrgnlTxRef/DbtrAcct/Id/IBAN", "OrgnlTxRef/DbtrAcct/Id/Othr/Id":
		t.DebtorAccount = c.Value()
	case "OrgnlTxRef/CdtrAcct/Id/IBAN", "OrgnlTxRef/CdtrAcct/Id/Othr/Id":
		t.CreditorAccount = c.Value()
	case "OrgnlTxRef/MndtRltdInf/MndtId", "OrgnlTxRef/MndtRltdInf/DrctDbtMndt/MndtId": // the latter from version .11 on
		t.MandateID = c.Value()
	}
}

func (r *Reason) set(path []byte, c *walk.Cursor) {
	switch string(path) {
	case "Rsn/Cd":
		r.Code = c.Value()
	case "Rsn/Prtry":
		r.Proprietary = c.Value()
	case "AddtlInf":
		if len(r.AdditionalInformation) < maxReasons {
			r.AdditionalInformation = append(r.AdditionalInformation, c.Value())
		}
	case "Orgtr/Nm", "Orgtr/Id/OrgId/BICOrBEI", "Orgtr/Id/OrgId/AnyBIC", "Orgtr/Id/OrgId/Othr/Id":
		if r.Originator == "" {
			r.Originator = c.Value()
		}
	}
}
