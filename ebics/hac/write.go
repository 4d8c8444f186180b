package hac

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Lengths of the schema, in characters.
const (
	max35  = 35
	max105 = 105
)

// Write writes a protocol that is valid against pain.002.001.03. Offset and
// Length of the events are ignored. Texts beyond the lengths of the schema (35
// characters; 105 for additional information), empty required ones and a
// missing time are an error, before anything is written.
func Write(w io.Writer, r Report) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("writing customer protocol: %w", err)
	}
	b := bufio.NewWriter(w)
	out := writer{b}
	out.raw(xml.Header, `<Document xmlns="`, namespace, `"><CstmrPmtStsRpt><GrpHdr>`)
	out.element("MsgId", r.MessageID)
	out.element("CreDtTm", r.CreationDateTime)
	out.raw("<InitgPty><Id><OrgId><Othr>")
	out.element("Id", r.HostID)
	out.raw("</Othr></OrgId></Id></InitgPty></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>EBICS</OrgnlMsgId><OrgnlMsgNmId>EBICS</OrgnlMsgNmId></OrgnlGrpInfAndSts>\n")
	for _, e := range r.Events {
		out.event(e)
	}
	out.raw("</CstmrPmtStsRpt></Document>\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing customer protocol: %w", err)
	}
	return nil
}

func (r Report) check() error {
	texts := []struct {
		name, value string
		required    bool
	}{
		{"message id", r.MessageID, true}, {"host id", r.HostID, true},
	}
	if _, err := time.Parse(time.RFC3339Nano, r.CreationDateTime); err != nil {
		return fmt.Errorf("creation time %q is no date with time and zone", r.CreationDateTime)
	}
	for _, e := range r.Events {
		if e.Timestamp.IsZero() {
			return fmt.Errorf("event %s has no time", e.Action)
		}
		if len(e.Reason) > 4 {
			return fmt.Errorf("event %s: reason %q is no code of four characters", e.Action, e.Reason)
		}
		texts = append(texts, []struct {
			name, value string
			required    bool
		}{
			{"action", string(e.Action), true}, {"partner id", e.PartnerID, true}, {"user id", e.UserID, false},
			{"order id", e.OrderID, false}, {"order type", e.OrderType, true},
		}...)
		for _, line := range e.AdditionalInformation {
			if n := utf8.RuneCountInString(line); n == 0 || n > max105 {
				return fmt.Errorf("event %s: additional information has %d characters: want 1 to %d", e.Action, n, max105)
			}
		}
	}
	for _, t := range texts {
		if n := utf8.RuneCountInString(t.value); n > max35 || n == 0 && t.required {
			return fmt.Errorf("%s has %d characters: want 1 to %d", t.name, n, max35)
		}
	}
	return nil
}

// writer keeps errors in its bufio.Writer, which reports the first at Flush.
type writer struct{ *bufio.Writer }

func (w writer) raw(parts ...string) {
	for _, part := range parts {
		_, _ = w.WriteString(part) // kept until Flush
	}
}

func (w writer) element(name, value string) {
	w.raw("<", name, ">")
	_ = xml.EscapeText(w, []byte(value)) // kept until Flush
	w.raw("</", name, ">")
}

func (w writer) event(e Event) {
	w.raw("<OrgnlPmtInfAndSts>")
	w.element("OrgnlPmtInfId", string(e.Action))
	w.raw("<StsRsnInf><Orgtr><Id><OrgId>")
	w.identification("PartnerID", e.PartnerID)
	w.identification("UserID", e.UserID)
	w.identification("OrderID", e.OrderID)
	w.identification("OrderType", e.OrderType)
	w.identification("TimeStamp", e.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z"))
	w.raw("</OrgId></Id></Orgtr>")
	if e.Reason != "" {
		w.raw("<Rsn>")
		w.element("Cd", e.Reason)
		w.raw("</Rsn>")
	}
	for _, line := range e.AdditionalInformation {
		w.element("AddtlInf", strings.ToValidUTF8(line, "?"))
	}
	w.raw("</StsRsnInf></OrgnlPmtInfAndSts>\n")
}

func (w writer) identification(key, value string) {
	if value == "" {
		return
	}
	w.raw("<Othr>")
	w.element("Id", value)
	w.raw("<SchmeNm>")
	w.element("Prtry", key)
	w.raw("</SchmeNm></Othr>")
}
