package envelope

import (
	"strings"

	"kontor/ebics"
)

// maxOffered limits the versions in an answer to HEV that are read.
const maxOffered = 20

// WriteHEVRequest asks a host which versions it speaks. Nobody signs it.
func WriteHEVRequest(host ebics.HostID) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><ebicsHEVRequest xmlns="` + NamespaceHEV + `"><HostID>` + escape(string(host)) +
		`</HostID></ebicsHEVRequest>`)
}

// ReadHEVRequest reads the host that is asked.
func (m *Message) ReadHEVRequest() (ebics.HostID, error) {
	if m.Kind != EbicsHEVRequest {
		return "", structure("%s is not a HEV request", m.Kind)
	}
	c := in(m.root)
	host, err := ebics.ParseHostID(c.leaf(c.required(NamespaceHEV, "HostID")))
	c.foreign(NamespaceHEV)
	if endErr := c.end(); endErr != nil {
		return "", endErr
	}
	if err != nil {
		return "", structure("HostID is malformed")
	}
	return host, nil
}

// HEVResponse tells which protocol versions a host speaks.
type HEVResponse struct {
	Code       ebics.ReturnCode
	ReportText string
	Offered    []Offered
}

// Offered is a version as a host names it; it may be one that this program does
// not know.
type Offered struct {
	Protocol string // such as H004
	Release  string // such as 02.50
}

// Write writes the response.
func (r HEVResponse) Write() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><ebicsHEVResponse xmlns="` + NamespaceHEV + `"><SystemReturnCode><ReturnCode>` + string(r.Code) +
		`</ReturnCode><ReportText>` + escape(r.ReportText) + `</ReportText></SystemReturnCode>`)
	for _, o := range r.Offered {
		b.WriteString(`<VersionNumber ProtocolVersion="` + escape(o.Protocol) + `">` + escape(o.Release) + `</VersionNumber>`)
	}
	b.WriteString(`</ebicsHEVResponse>`)
	return []byte(b.String())
}

// ReadHEVResponse reads the answer to HEV. Nothing protects it: a caller may use
// it to choose among versions that it would use anyway.
func (m *Message) ReadHEVResponse() (HEVResponse, error) {
	var r HEVResponse
	if m.Kind != EbicsHEVResponse {
		return r, structure("%s is not a HEV response", m.Kind)
	}
	c := in(m.root)
	s := in(c.required(NamespaceHEV, "SystemReturnCode"))
	r.Code, r.ReportText = readReturn(s, NamespaceHEV)
	if c.err == nil {
		c.err = s.end()
	}
	for n := c.optional(NamespaceHEV, "VersionNumber"); n != nil; n = c.optional(NamespaceHEV, "VersionNumber") {
		protocol, _ := n.attribute("ProtocolVersion")
		if len(r.Offered) == maxOffered {
			return r, structure("more than %d versions", maxOffered)
		}
		r.Offered = append(r.Offered, Offered{Protocol: clip(protocol), Release: clip(c.leaf(n))})
	}
	c.foreign(NamespaceHEV)
	return r, c.end()
}
