package camt

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/iso20022/internal/walk"
	"kontor/money"
	"kontor/xmlscan"
)

// Names above what is read: Document, the message, the statement, the entry, its
// details.
const (
	messageDepth   = 2
	statementDepth = 3
	entryDepth     = 4
)

// Read reads a camt.052, .053 or .054 of any version by its local names, in memory
// proportional to one entry and the balances of one statement. entry (may be nil) is
// called at the end of each Ntry, statement at the end of each Stmt, Rpt or Ntfctn,
// hence after its entries; both pointers are valid during the call only. A document
// that is no camt is an *UnreadableError, malformed XML a wrapped
// *xmlscan.SyntaxError; errors of the functions end Read and are returned as they are.
// A message without any statement is no error: banks send such.
func Read(r io.Reader, l xmlscan.Limits, statement func(*Statement) error, entry func(*Entry) error) error {
	d := &reader{onStatement: statement, onEntry: entry}
	if err := walk.Walk(r, l, walk.Handler{Start: d.start, End: d.end}); err != nil {
		return err
	}
	if !d.rooted {
		return &UnreadableError{Message: "the document is empty"}
	}
	return nil
}

type reader struct {
	onStatement func(*Statement) error
	onEntry     func(*Entry) error

	rooted    bool
	version   string
	messageID string
	created   string
	within    string // element name of the open statement, "" outside

	statement Statement
	balance   Balance
	debit     bool // of the open balance
	entry     Entry
	code      transactionCode // of the entry
	details   details
	ccy       string // attribute of the amount that is open
}

// details is what the transactions of one entry say.
type details struct {
	count      int
	batchCount int
	batchIDs   bool // the batch itself gave MessageID or PaymentInformationID
	debtor     party
	creditor   party
	first      refs
	current    refs
	reference  string // structured creditor reference
	lines      []string
	reason     string
	code       transactionCode
}

// transactionCode is a bank transaction code. DK puts it on the transactions, other
// banks on the entry.
type transactionCode struct{ domain, proprietary string }

type party struct{ name, iban, bic string }

type refs struct{ messageID, paymentInformationID, endToEndID, servicer string }

func (d *reader) start(c *walk.Cursor) error {
	switch c.Depth() {
	case 1, messageDepth:
		return d.root(c)
	case statementDepth:
		if format, ok := formats[string(c.Local())]; ok {
			d.within = string(c.Local())
			d.statement = Statement{Format: format, Version: d.version, MessageID: d.messageID, At: c.Offset()}
		}
		return nil
	}
	if d.within == "" {
		return nil
	}
	switch string(c.Below(statementDepth)) {
	case "Bal":
		d.balance, d.debit = Balance{DirectionUnknown: true}, false
	case "Bal/Amt", "Ntry/Amt":
		d.ccy = c.Attr("Ccy")
	case "Ntry":
		d.entry = Entry{Ordinal: d.statement.EntryCount, At: c.Offset(), DirectionUnknown: true}
		d.code, d.details = transactionCode{}, details{lines: d.details.lines[:0]}
	case "Ntry/NtryDtls/TxDtls", "Ntry/TxDtls": // version .01 has no NtryDtls
		d.details.count++
		d.details.current = refs{}
	}
	return nil
}

// root accepts Document with one of the three messages inside; their names grew
// suffixes in the first version (BkToCstmrAcctRptV01).
func (d *reader) root(c *walk.Cursor) error {
	if c.Depth() == 1 {
		if string(c.Local()) == "Document" {
			return nil
		}
	} else if local := string(c.Local()); strings.HasPrefix(local, "BkToCstmr") {
		d.rooted = true
		d.version = walk.Message(c.Space(), "camt.05")
		return nil
	}
	return &UnreadableError{At: c.At(), Message: "the document is not an account report, statement or notification"}
}

func (d *reader) end(c *walk.Cursor) error {
	switch {
	case c.Depth() <= messageDepth:
		return nil
	case d.within == "":
		switch string(c.Below(messageDepth)) {
		case "GrpHdr/MsgId":
			d.messageID = c.Value()
		case "GrpHdr/CreDtTm":
			d.created = c.Value()
		}
		return nil
	case c.Depth() == statementDepth:
		return d.closeStatement(c)
	}
	path := c.Below(statementDepth)
	if bytes.HasPrefix(path, []byte("Ntry/")) {
		d.entryValue(string(c.Below(entryDepth)), c)
		return nil
	}
	if string(path) == "Ntry" {
		return d.closeEntry(c)
	}
	if strings.HasPrefix(string(path), "Bal") {
		d.balanceValue(string(path), c)
		return nil
	}
	d.statementValue(string(path), c)
	return nil
}

func (d *reader) closeStatement(c *walk.Cursor) error {
	if d.statement.CreationDateTime == "" {
		d.statement.CreationDateTime = d.created
	}
	d.statement.End = c.EndOffset()
	d.within = ""
	if d.onStatement == nil {
		return nil
	}
	return d.onStatement(&d.statement)
}

func (d *reader) statementValue(path string, c *walk.Cursor) {
	s := &d.statement
	switch path {
	case "Id":
		s.ID = c.Value()
	case "ElctrncSeqNb":
		s.SequenceNumber = c.Value()
	case "LglSeqNb":
		s.LegalSequenceNumber = c.Value()
	case "CreDtTm":
		s.CreationDateTime = c.Value()
	case "FrToDt/FrDtTm", "FrToDt/FrDt":
		s.FromDate = c.Value()
	case "FrToDt/ToDtTm", "FrToDt/ToDt":
		s.ToDate = c.Value()
	case "Acct/Id/IBAN":
		s.IBAN = c.Value()
	case "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id", "Acct/Id/BBAN":
		s.OtherAccount = c.Value()
	case "Acct/Ccy":
		s.Currency = c.Value()
	case "Acct/Ownr/Nm":
		s.Owner = c.Value()
	case "Acct/Svcr/FinInstnId/BIC", "Acct/Svcr/FinInstnId/BICFI":
		s.ServicerBIC = c.Value()
	}
}

func (d *reader) balanceValue(path string, c *walk.Cursor) {
	b := &d.balance
	switch path {
	case "Bal":
		b.Amount = amount(b.AmountText, b.Currency)
		switch {
		case b.DirectionUnknown && b.Amount.Minor != 0: // without its sign it is not exact
			b.Amount = money.Amount{}
		case d.debit:
			b.Amount.Minor = -b.Amount.Minor // from Parse, hence never the smallest int64
		}
		d.statement.Balances = append(d.statement.Balances, *b)
	case "Bal/Tp/CdOrPrtry/Cd", "Bal/Tp/CdOrPrtry/Prtry", "Bal/Tp/Cd":
		b.Type = c.Value()
	case "Bal/Amt":
		b.AmountText, b.Currency = c.Value(), d.ccy
	case "Bal/CdtDbtInd":
		var known bool
		d.debit, known = indicator(c.Value(), "DBIT")
		b.DirectionUnknown = !known
	case "Bal/Dt/Dt", "Bal/Dt/DtTm":
		b.Date = c.Value()
	}
}

// indicator reads CdtDbtInd: whether it is the asked one of the two, and whether it is
// one of them at all.
func indicator(text, asked string) (is, known bool) {
	return text == asked, text == "CRDT" || text == "DBIT"
}

// entryValue takes what stands inside an entry; path begins below Ntry.
func (d *reader) entryValue(path string, c *walk.Cursor) {
	below, inDetails := strings.CutPrefix(path, "NtryDtls/")
	if tx, ok := strings.CutPrefix(below, "TxDtls"); ok && (inDetails || tx != below) {
		d.transactionValue(strings.TrimPrefix(tx, "/"), c)
		return
	}
	if batch, ok := strings.CutPrefix(below, "Btch/"); ok {
		d.batchValue(batch, c)
		return
	}
	e := &d.entry
	switch path {
	case "NtryRef":
		e.Reference = c.Value()
	case "Amt":
		e.AmountText, e.Currency = c.Value(), d.ccy
	case "CdtDbtInd":
		var known bool
		e.Credit, known = indicator(c.Value(), "CRDT")
		e.DirectionUnknown = !known
	case "RvslInd":
		e.Reversal = c.Value() == "true" || c.Value() == "1"
	case "Sts", "Sts/Cd", "Sts/Prtry":
		if v := c.Value(); v != "" {
			e.Status = v
		}
	case "BookgDt/Dt", "BookgDt/DtTm":
		e.BookingDate = c.Value()
	case "ValDt/Dt", "ValDt/DtTm":
		e.ValueDate = c.Value()
	case "AcctSvcrRef":
		e.AccountServicerReference = c.Value()
	case "AddtlNtryInf":
		e.AdditionalInformation = c.Value()
	default:
		d.code.set(path, c)
	}
}

// set takes BkTxCd, of the entry or of its transaction.
func (t *transactionCode) set(path string, c *walk.Cursor) {
	switch path {
	case "BkTxCd/Domn/Cd":
		t.domain = c.Value()
	case "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd":
		t.domain += "/" + c.Value()
	case "BkTxCd/Prtry/Cd":
		t.proprietary = c.Value()
	}
}

func (d *reader) batchValue(path string, c *walk.Cursor) {
	switch path {
	case "MsgId":
		d.entry.MessageID, d.details.batchIDs = c.Value(), true
	case "PmtInfId":
		d.entry.PaymentInformationID, d.details.batchIDs = c.Value(), true
	case "NbOfTxs":
		if n, err := strconv.Atoi(c.Value()); err == nil && n > 0 {
			d.details.batchCount = n
		}
	}
}

func (d *reader) transactionValue(path string, c *walk.Cursor) {
	t := &d.details
	switch path {
	case "": // the transaction ends
		if t.count == 1 {
			t.first = t.current
		} else {
			t.first = t.first.common(t.current)
		}
		return
	case "Refs/MsgId":
		t.current.messageID = c.Value()
		return
	case "Refs/PmtInfId":
		t.current.paymentInformationID = c.Value()
		return
	}
	if t.count > 1 {
		return
	}
	switch path {
	case "Refs/EndToEndId":
		t.current.endToEndID = c.Value()
	case "Refs/AcctSvcrRef":
		t.current.servicer = c.Value()
	case "RmtInf/Ustrd":
		t.lines = append(t.lines, c.Value())
	case "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef":
		t.reference = c.Value()
	case "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry":
		t.reason = c.Value()
	default:
		if related, ok := strings.CutPrefix(path, "Rltd"); ok {
			t.relatedValue(related, c)
		} else {
			t.code.set(path, c)
		}
	}
}

// relatedValue takes parties and agents; from version .08 on there is a level Pty or
// Agt between the party and its name.
func (t *details) relatedValue(path string, c *walk.Cursor) {
	switch path {
	case "Pties/Dbtr/Nm", "Pties/Dbtr/Pty/Nm", "Pties/Dbtr/Agt/FinInstnId/Nm":
		t.debtor.name = c.Value()
	case "Pties/Cdtr/Nm", "Pties/Cdtr/Pty/Nm", "Pties/Cdtr/Agt/FinInstnId/Nm":
		t.creditor.name = c.Value()
	case "Pties/DbtrAcct/Id/IBAN":
		t.debtor.iban = c.Value()
	case "Pties/CdtrAcct/Id/IBAN":
		t.creditor.iban = c.Value()
	case "Agts/DbtrAgt/FinInstnId/BIC", "Agts/DbtrAgt/FinInstnId/BICFI":
		t.debtor.bic = c.Value()
	case "Agts/CdtrAgt/FinInstnId/BIC", "Agts/CdtrAgt/FinInstnId/BICFI":
		t.creditor.bic = c.Value()
	}
}

// common keeps the references that several transactions share.
func (r refs) common(o refs) refs {
	if r.messageID != o.messageID {
		r.messageID = ""
	}
	if r.paymentInformationID != o.paymentInformationID {
		r.paymentInformationID = ""
	}
	return r
}

// closeEntry completes the entry from its details.
func (d *reader) closeEntry(c *walk.Cursor) error {
	e, t := &d.entry, &d.details
	e.Amount = amount(e.AmountText, e.Currency)
	if e.Transactions = t.batchCount; e.Transactions == 0 {
		e.Transactions = max(t.count, 1)
	}
	if !t.batchIDs {
		e.MessageID, e.PaymentInformationID = t.first.messageID, t.first.paymentInformationID
	}
	if t.count == 1 && t.batchCount <= 1 {
		e.EndToEndID = t.first.endToEndID
		if e.AccountServicerReference == "" {
			e.AccountServicerReference = t.first.servicer
		}
		other := t.debtor // who paid what was credited
		switch {
		case e.DirectionUnknown:
			other = party{}
		case e.Credit == e.Reversal:
			other = t.creditor
		}
		e.Counterparty, e.CounterpartyIBAN, e.CounterpartyBIC = other.name, other.iban, other.bic
		if e.Remittance = strings.Join(t.lines, "\n"); e.Remittance == "" {
			e.Remittance = t.reference
		}
		e.ReturnReason = t.reason
	}
	e.TransactionCode, e.ProprietaryCode = cmp.Or(d.code.domain, t.code.domain), cmp.Or(d.code.proprietary, t.code.proprietary)
	e.Length = c.EndOffset() - e.At
	d.statement.EntryCount++
	if d.onEntry == nil {
		return nil
	}
	if err := d.onEntry(e); err != nil {
		return fmt.Errorf("handing out entry %d: %w", e.Ordinal, err)
	}
	return nil
}
