package hac

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kontor/xmlscan"
)

// Limits of what is kept from one protocol; a protocol beyond them is refused.
const (
	DefaultBytes = 64 << 20 // raw bytes, unless the caller's limits say otherwise
	MaxEvents    = 200_000
	maxLines     = 1_000 // AddtlInf of one event
	maxText      = 1_024 // bytes of one kept text; longer ones are refused
)

// ErrNotHAC says that a document is well-formed XML but no customer protocol.
var ErrNotHAC = errors.New("not a HAC customer protocol (pain.002.001.03)")

// Read reads one protocol. It is strict on XML (*xmlscan.SyntaxError), on the
// root (ErrNotHAC) and on the limits, and lenient on content: unknown elements
// and actions pass, missing values stay empty. A zero l.Bytes means
// DefaultBytes.
func Read(r io.Reader, l xmlscan.Limits) (Report, error) {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	p := parser{scanner: xmlscan.NewScanner(r, l)}
	for {
		kind, err := p.scanner.Next()
		if errors.Is(err, io.EOF) {
			return p.report, nil
		}
		if err != nil {
			return Report{}, fmt.Errorf("reading customer protocol: %w", err)
		}
		if err := p.token(kind); err != nil {
			return Report{}, fmt.Errorf("reading customer protocol: %w", err)
		}
	}
}

// parser follows one document. path holds the local names of the open elements
// below Document/CstmrPmtStsRpt, joined by slashes.
type parser struct {
	scanner *xmlscan.Scanner
	path    []string
	text    []byte
	report  Report

	event Event
	id    string // Othr/Id and its scheme, while Othr is open
	key   string
	order struct{ h004, admin string }
}

func (p *parser) token(kind xmlscan.Kind) error {
	switch kind {
	case xmlscan.StartElement:
		return p.start()
	case xmlscan.Text:
		if len(p.path) > 2 {
			p.text = append(p.text, p.scanner.Text()...)
			if len(p.text) > maxText {
				return fmt.Errorf("text of %s is longer than %d bytes (line %d)", p.path[len(p.path)-1], maxText, p.scanner.Position().Line)
			}
		}
	case xmlscan.EndElement:
		return p.end()
	case xmlscan.Comment, xmlscan.ProcInst:
	}
	return nil
}

func (p *parser) start() error {
	p.text = p.text[:0]
	p.path = append(p.path, string(p.scanner.Local()))
	switch len(p.path) {
	case 1:
		if p.path[0] != "Document" || string(p.scanner.Space()) != namespace {
			return ErrNotHAC
		}
	case 2:
		if p.path[1] != "CstmrPmtStsRpt" || string(p.scanner.Space()) != namespace {
			return ErrNotHAC
		}
	case 3:
		if p.path[2] == "OrgnlPmtInfAndSts" {
			if len(p.report.Events) >= MaxEvents {
				return fmt.Errorf("more than %d events", MaxEvents)
			}
			p.event = Event{Offset: p.scanner.Position().Offset}
			p.order.h004, p.order.admin = "", ""
		}
	}
	return nil
}

func (p *parser) end() error {
	where := ""
	if len(p.path) > 2 {
		where = strings.Join(p.path[2:], "/")
	}
	value := strings.TrimSpace(string(p.text))
	p.text = p.text[:0]
	p.path = p.path[:len(p.path)-1]
	switch where {
	case "GrpHdr/MsgId":
		p.report.MessageID = value
	case "GrpHdr/CreDtTm":
		p.report.CreationDateTime = value
	case "GrpHdr/InitgPty/Id/OrgId/Othr/Id", "GrpHdr/InitgPty/Id/OrgId/BICOrBEI":
		if p.report.HostID == "" {
			p.report.HostID = value
		}
	case "OrgnlPmtInfAndSts":
		p.finish()
	default:
		return p.inEvent(strings.TrimPrefix(where, "OrgnlPmtInfAndSts/"), value)
	}
	return nil
}

// inEvent takes one value of an event; where is relative to OrgnlPmtInfAndSts.
func (p *parser) inEvent(where, value string) error {
	switch where {
	case "OrgnlPmtInfId":
		p.event.Action = Action(value)
	case "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry":
		if p.event.Reason == "" {
			p.event.Reason = value
		}
	case "StsRsnInf/AddtlInf":
		if len(p.event.AdditionalInformation) >= maxLines {
			return fmt.Errorf("more than %d lines of additional information in one event", maxLines)
		}
		p.event.AdditionalInformation = append(p.event.AdditionalInformation, value)
	case "StsRsnInf/Orgtr/Id/OrgId/Othr/Id":
		p.id = value
	case "StsRsnInf/Orgtr/Id/OrgId/Othr/SchmeNm/Prtry", "StsRsnInf/Orgtr/Id/OrgId/Othr/SchmeNm/Cd":
		p.key = value
	case "StsRsnInf/Orgtr/Id/OrgId/Othr":
		p.identification()
		p.id, p.key = "", ""
	}
	return nil
}

// identification takes one Othr of the originator: a value and its key.
func (p *parser) identification() {
	switch p.key {
	case "PartnerID":
		p.event.PartnerID = p.id
	case "UserID":
		p.event.UserID = p.id
	case "OrderID":
		p.event.OrderID = p.id
	case "OrderType":
		p.order.h004 = p.id
	case "AdminOrderType":
		p.order.admin = p.id
	case "TimeStamp":
		p.event.Timestamp = timestamp(p.id)
	}
}

func (p *parser) finish() {
	p.event.OrderType = p.order.h004
	if p.event.OrderType == "" {
		p.event.OrderType = p.order.admin
	}
	p.event.Length = p.scanner.EndOffset() - p.event.Offset
	p.report.Events = append(p.report.Events, p.event)
}

// timestamp reads xs:dateTime; without a zone it is UTC, as HAC prescribes.
func timestamp(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
