package witness

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

const outlineSample = `<?xml version="1.0"?><ebicsRequest xmlns="urn:org:ebics:H004" Version="H004"><header authenticate="true"><static>` +
	`<HostID>HOST</HostID><OrderDetails><OrderType>CCT</OrderType></OrderDetails><Digest Version="X002">aGFsbG8=</Digest></static>` +
	`<mutable><TransactionPhase>Transfer</TransactionPhase><SegmentNumber lastSegment="true">3</SegmentNumber></mutable></header>` +
	`<AuthSignature/><body><DataTransfer><OrderData>QUJD</OrderData></DataTransfer></body></ebicsRequest>`

// The proxy's picture of a message decides what a fault hits: it must be the right one.
func TestOutlineReadsWhatTheRulesNeed(t *testing.T) {
	m := Outline([]byte(outlineSample))
	if m.Root != "ebicsRequest" || m.OrderType != "CCT" || m.Phase != "Transfer" || m.Segment != 3 || !m.Last || !m.Signed || m.OrderData != "QUJD" {
		t.Errorf("outline is %+v", m)
	}
	var names []string
	for i := range m.Fields() {
		names = append(names, m.FieldName(i))
	}
	want := []string{"HostID", "OrderType", "Digest/@Version", "Digest", "TransactionPhase", "SegmentNumber/@lastSegment", "SegmentNumber"}
	if !slices.Equal(names, want) {
		t.Errorf("signed fields are %v, want %v", names, want)
	}
}

// A changed message differs in one signed value and is well-formed, so that its refusal proves the signature's check.
func TestChangedMessagesDifferInOneValue(t *testing.T) {
	m := Outline([]byte(outlineSample))
	for i := range m.Fields() {
		changed := m.Changed(i)
		different := 0
		for j := range changed {
			if changed[j] != m.Raw[j] {
				different++
			}
		}
		if different != 1 {
			t.Errorf("%s: %d bytes differ", m.FieldName(i), different)
		}
		if err := xml.NewDecoder(strings.NewReader(string(changed))).Decode(&struct{}{}); err != nil {
			t.Errorf("%s: %v", m.FieldName(i), err)
		}
	}
}
