package hac

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"kontor/xmlscan"
)

// Limits of what is kept from one protocol. One with more bytes, events or lines
// is refused; a longer text is cut, since one odd text must not keep the other
// events from being read.
const (
	DefaultBytes = 64 << 20 // raw bytes, unless the caller's limits say otherwise
	MaxEvents    = 200_000
	maxLines     = 1_000 // AddtlInf of one event
	maxText      = 1_024 // bytes kept of one text; "…" marks that there were more
	maxTimestamp = 64    // bytes kept of an unreadable time
)

// blanks are the white space characters of XML.
const blanks = " \t\r\n"

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
	text    []byte // at most maxText bytes
	cut     bool   // there was more of text
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
			p.characters(p.scanner.Text())
		}
	case xmlscan.EndElement:
		return p.end()
	case xmlscan.Comment, xmlscan.ProcInst:
	}
	return nil
}

// characters keeps what fits of a text. Blanks before and behind do not count.
func (p *parser) characters(text []byte) {
	if len(p.text) == 0 {
		text = bytes.TrimLeft(text, blanks)
	}
	kept := min(len(text), maxText-len(p.text))
	p.text = append(p.text, text[:kept]...)
	p.cut = p.cut || len(bytes.Trim(text[kept:], blanks)) > 0
}

// value ends a text.
func (p *parser) value() string {
	text, mark := p.text, ""
	if p.cut {
		text, mark = wholeRunes(text), "…"
	}
	p.text, p.cut = p.text[:0], false
	return strings.TrimSpace(string(text)) + mark
}

// wholeRunes drops a character at the end that was cut in two.
func wholeRunes(text []byte) []byte {
	for range utf8.UTFMax {
		if r, size := utf8.DecodeLastRune(text); r != utf8.RuneError || size != 1 {
			break
		}
		text = text[:len(text)-1]
	}
	return text
}

func (p *parser) start() error {
	p.text, p.cut = p.text[:0], false
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
	value := p.value()
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
		var readable bool
		if p.event.Timestamp, readable = timestamp(p.id); !readable {
			p.event.TimestampText = p.id
			if len(p.id) > maxTimestamp {
				p.event.TimestampText = string(wholeRunes([]byte(p.id[:maxTimestamp]))) + "…"
			}
		}
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

// timestampLayouts are the forms in which banks write times: those of ISO 8601,
// with and without separators, with a blank for the T, without seconds. Go reads
// fractions of a second after any of them.
var timestampLayouts = func() (layouts []string) {
	for _, form := range [][2]string{{"2006-01-02", "15:04:05"}, {"20060102", "150405"}, {"2006-01-02", "15:04"}, {"20060102", "1504"}} {
		for _, separator := range []string{"T", " "} {
			for _, zone := range []string{"Z07:00", "", "Z0700", "Z07"} {
				layouts = append(layouts, form[0]+separator+form[1]+zone)
			}
		}
	}
	return layouts
}()

// timestamp reads a time; without a zone it is UTC, as HAC prescribes. False if
// it is written in no known form or does not exist.
func timestamp(text string) (time.Time, bool) {
	if len(text) > maxTimestamp {
		return time.Time{}, false
	}
	for _, layout := range timestampLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
