package envelope

import (
	"strconv"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/veu"
)

// maxParameters limits the parameters and filters of an order that are read.
const maxParameters = 100

// Params are the order parameters: the concrete element of the schema's
// substitution group OrderParams. Which fields are set depends on the order.
type Params struct {
	From, To   string // DateRange of a download, xs:date, or empty
	Service    *ebics.BTF
	FileName   string
	Signature  ebics.SignatureFlag // of BTU
	FileFormat *ebics.FileFormat   // of FUL and FDL
	Parameters []ebics.Parameter
	Reference  *veu.Reference // of HVD, HVT, HVE and HVS
	Window     *veu.Window    // of HVT
	Filter     *veu.Filter    // of HVU and HVZ
}

// element is the name of the parameters' element for an order type; HPB has none.
func paramsElement(v ebics.Version, t ebics.OrderType) string {
	switch t {
	case ebics.HVU, ebics.HVZ, ebics.HVD, ebics.HVT, ebics.HVE, ebics.HVS:
		return string(t) + "OrderParams"
	case ebics.FUL, ebics.FDL:
		if v.Classic() {
			return string(t) + "OrderParams"
		}
	case ebics.BTU, ebics.BTD:
		if !v.Classic() {
			return string(t) + "OrderParams"
		}
	}
	return "StandardOrderParams"
}

func (p Params) write(h *strings.Builder, v ebics.Version, t ebics.OrderType) {
	name := paramsElement(v, t)
	h.WriteString(`<` + name)
	if p.FileName != "" && (name == "BTUOrderParams" || name == "BTDOrderParams") {
		h.WriteString(` fileName="` + escape(p.FileName) + `"`)
	}
	var b strings.Builder
	switch name {
	case "StandardOrderParams":
		p.writePeriod(&b)
	case "FULOrderParams":
		writeParameters(&b, p.Parameters)
		writeFileFormat(&b, v, p.FileFormat)
	case "FDLOrderParams":
		p.writePeriod(&b)
		writeParameters(&b, p.Parameters)
		writeFileFormat(&b, v, p.FileFormat)
	case "BTUOrderParams":
		writeService(&b, "Service", *p.Service)
		switch p.Signature {
		case ebics.SignatureFlagSet:
			b.WriteString(`<SignatureFlag/>`)
		case ebics.SignatureFlagEDS:
			b.WriteString(`<SignatureFlag requestEDS="true"/>`)
		case ebics.SignatureFlagNone, "":
		}
		writeParameters(&b, p.Parameters)
	case "BTDOrderParams":
		writeService(&b, "Service", *p.Service)
		p.writePeriod(&b)
		writeParameters(&b, p.Parameters)
	case "HVUOrderParams", "HVZOrderParams":
		p.writeFilter(&b, v)
	default:
		p.writeReference(&b, v)
	}
	if b.Len() == 0 {
		h.WriteString(`/>`)
		return
	}
	h.WriteString(`>` + b.String() + `</` + name + `>`)
}

// writable says whether the parts that the element needs are there.
func (p Params) writable(v ebics.Version, t ebics.OrderType) error {
	switch name := paramsElement(v, t); name {
	case "BTUOrderParams", "BTDOrderParams":
		if p.Service == nil {
			return structure("%s without a service", name)
		}
	case "FULOrderParams", "FDLOrderParams":
		if p.FileFormat == nil {
			return structure("%s without a file format", name)
		}
	case "HVDOrderParams", "HVTOrderParams", "HVEOrderParams", "HVSOrderParams":
		if p.Reference == nil || (p.Window != nil) != (t == ebics.HVT) {
			return structure("%s without its order", name)
		}
		return p.Reference.Check(v)
	}
	return nil
}

func (p Params) writePeriod(b *strings.Builder) {
	if p.From != "" {
		b.WriteString(`<DateRange><Start>` + escape(p.From) + `</Start><End>` + escape(p.To) + `</End></DateRange>`)
	}
}

func (p Params) writeFilter(b *strings.Builder, v ebics.Version) {
	switch {
	case p.Filter == nil:
	case v.Classic() && len(p.Filter.Types) > 0:
		b.WriteString(`<OrderTypes>`)
		for i, t := range p.Filter.Types {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(string(t))
		}
		b.WriteString(`</OrderTypes>`)
	case !v.Classic():
		for _, s := range p.Filter.Services {
			writeService(b, "ServiceFilter", s)
		}
	}
}

func (p Params) writeReference(b *strings.Builder, v ebics.Version) {
	r := p.Reference
	b.WriteString(`<PartnerID>` + string(r.Partner) + `</PartnerID>`)
	if v.Classic() {
		b.WriteString(`<OrderType>` + string(r.Type) + `</OrderType>`)
		writeFileFormat(b, v, r.FileFormat)
	} else {
		writeService(b, "Service", *r.Service)
	}
	b.WriteString(`<OrderID>` + string(r.OrderID) + `</OrderID>`)
	if p.Window != nil {
		b.WriteString(`<OrderFlags completeOrderData="` + strconv.FormatBool(p.Window.Complete) + `" fetchLimit="` + strconv.Itoa(p.Window.Limit) +
			`" fetchOffset="` + strconv.Itoa(p.Window.Offset) + `"/>`)
	}
}

func writeFileFormat(b *strings.Builder, v ebics.Version, f *ebics.FileFormat) {
	if f == nil {
		return
	}
	b.WriteString(`<FileFormat`)
	if f.Country != "" {
		b.WriteString(` CountryCode="` + escape(f.Country) + `"`)
	}
	b.WriteString(`>` + escape(f.Name) + `</FileFormat>`)
}

func writeParameters(b *strings.Builder, parameters []ebics.Parameter) {
	for _, p := range parameters {
		b.WriteString(`<Parameter><Name>` + escape(p.Name) + `</Name><Value Type="string">` + escape(p.Value) + `</Value></Parameter>`)
	}
}

func writeService(b *strings.Builder, element string, s ebics.BTF) {
	b.WriteString(`<` + element + `>`)
	for _, part := range []struct{ name, text string }{{"ServiceName", s.ServiceName}, {"Scope", s.Scope}, {"ServiceOption", s.Option}} {
		if part.text != "" {
			b.WriteString(`<` + part.name + `>` + escape(part.text) + `</` + part.name + `>`)
		}
	}
	if s.Container != "" {
		b.WriteString(`<Container containerType="` + escape(s.Container) + `"/>`)
	}
	if s.MsgName != "" {
		b.WriteString(`<MsgName`)
		for _, attribute := range []struct{ name, text string }{{"variant", s.Variant}, {"version", s.Version}, {"format", s.Format}} {
			if attribute.text != "" {
				b.WriteString(` ` + attribute.name + `="` + escape(attribute.text) + `"`)
			}
		}
		b.WriteString(`>` + escape(s.MsgName) + `</MsgName>`)
	}
	b.WriteString(`</` + element + `>`)
}

// readParams reads the parameters by the local name of their element. Elements
// that are not known, GenericOrderParams among them, are passed over: what such
// an order means is between the customer and the bank.
func readParams(n *node, space string) (Params, error) {
	var p Params
	if n.space != space {
		return p, nil
	}
	c := in(n)
	switch n.local {
	case "StandardOrderParams":
		p.readPeriod(c, space)
	case "FULOrderParams", "FDLOrderParams":
		p.readPeriod(c, space)
		p.readParameters(c, space)
		p.FileFormat = readFileFormat(c, space)
	case "BTUOrderParams", "BTDOrderParams":
		p.FileName, _ = n.attribute("fileName")
		service := readService(c, c.required(space, "Service"), space, ebics.BTF.Check)
		p.Service = &service
		if n.local == "BTUOrderParams" {
			p.readSignatureFlag(c, space)
		}
		p.readPeriod(c, space)
		p.readParameters(c, space)
	case "HVUOrderParams", "HVZOrderParams":
		p.readFilter(c, space)
	case "HVDOrderParams", "HVTOrderParams", "HVEOrderParams", "HVSOrderParams":
		p.readReference(c, space, n.local == "HVTOrderParams")
	default:
		return p, nil
	}
	c.foreign(space)
	return p, c.end()
}

func (p *Params) readPeriod(c *cursor, space string) {
	dates := c.optional(space, "DateRange")
	if dates == nil {
		return
	}
	d := in(dates)
	p.From, p.To = d.leaf(d.required(space, "Start")), d.leaf(d.required(space, "End"))
	if c.err == nil {
		c.err = d.end()
	}
	if c.err == nil && (!validDate(p.From) || !validDate(p.To)) {
		c.err = structure("DateRange is malformed")
	}
}

func validDate(text string) bool {
	if len(text) < 10 {
		return false
	}
	_, err := time.Parse("2006-01-02", text[:10]) // a zone may follow; it is not used
	return err == nil
}

func (p *Params) readSignatureFlag(c *cursor, space string) {
	p.Signature = ebics.SignatureFlagNone
	n := c.optional(space, "SignatureFlag")
	if n == nil {
		return
	}
	p.Signature = ebics.SignatureFlagSet
	text, stated := n.attribute("requestEDS")
	eds, ok := parseBoolean(text)
	switch {
	case stated && !ok && c.err == nil:
		c.err = structure("requestEDS is no boolean")
	case eds:
		p.Signature = ebics.SignatureFlagEDS
	}
}

func (p *Params) readParameters(c *cursor, space string) {
	for n := c.optional(space, "Parameter"); n != nil; n = c.optional(space, "Parameter") {
		i := in(n)
		parameter := ebics.Parameter{Name: i.leaf(i.required(space, "Name")), Value: i.leaf(i.required(space, "Value"))}
		if c.err == nil {
			c.err = i.end()
		}
		if p.Parameters = append(p.Parameters, parameter); len(p.Parameters) > maxParameters && c.err == nil {
			c.err = structure("more than %d parameters", maxParameters)
		}
	}
}

func readFileFormat(c *cursor, space string) *ebics.FileFormat {
	n := c.optional(space, "FileFormat")
	if n == nil {
		return nil
	}
	country, _ := n.attribute("CountryCode")
	return &ebics.FileFormat{Country: country, Name: c.leaf(n)}
}

// readService reads a Service or, with a looser check, a ServiceFilter.
func readService(c *cursor, n *node, space string, check func(ebics.BTF) error) ebics.BTF {
	var s ebics.BTF
	i := in(n)
	text := func(name string) string {
		if found := i.optional(space, name); found != nil {
			return i.leaf(found)
		}
		return ""
	}
	s.ServiceName, s.Scope, s.Option = text("ServiceName"), text("Scope"), text("ServiceOption")
	if container := i.optional(space, "Container"); container != nil {
		s.Container, _ = container.attribute("containerType")
	}
	if message := i.optional(space, "MsgName"); message != nil {
		s.MsgName = i.leaf(message)
		s.Version, _ = message.attribute("version")
		s.Variant, _ = message.attribute("variant")
		s.Format, _ = message.attribute("format")
	}
	if c.err == nil {
		c.err = i.end()
	}
	if err := check(s); err != nil && c.err == nil {
		c.err = structure("%v", err)
	}
	return s
}

func (p *Params) readFilter(c *cursor, space string) {
	filter := &veu.Filter{}
	if n := c.optional(space, "OrderTypes"); n != nil {
		for _, text := range strings.Fields(c.leaf(n)) {
			t, err := ebics.ParseOrderType(text)
			if err != nil && c.err == nil {
				c.err = structure("OrderTypes is malformed")
			}
			filter.Types = append(filter.Types, t)
		}
	}
	for n := c.optional(space, "ServiceFilter"); n != nil; n = c.optional(space, "ServiceFilter") {
		filter.Services = append(filter.Services, readService(c, n, space, ebics.BTF.CheckFilter))
	}
	if len(filter.Services)+len(filter.Types) > maxParameters && c.err == nil {
		c.err = structure("more than %d filters", maxParameters)
	}
	if len(filter.Services)+len(filter.Types) > 0 {
		p.Filter = filter
	}
}

func (p *Params) readReference(c *cursor, space string, windowed bool) {
	r := &veu.Reference{}
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(space, "PartnerID")))
	v := version(space)
	if v.Classic() {
		r.Type = ebics.OrderType(c.leaf(c.required(space, "OrderType")))
		r.FileFormat = readFileFormat(c, space)
	} else {
		service := readService(c, c.required(space, "Service"), space, ebics.BTF.Check)
		r.Service = &service
	}
	id, idErr := ebics.ParseOrderID(c.leaf(c.required(space, "OrderID")))
	r.Partner, r.OrderID = partner, id
	if c.err == nil && (partnerErr != nil || idErr != nil || r.Check(v) != nil) {
		c.err = structure("the order in the VEU is named wrongly")
	}
	p.Reference = r
	if windowed {
		p.readWindow(c, space)
		p.readParameters(c, space)
	}
}

func (p *Params) readWindow(c *cursor, space string) {
	n := c.required(space, "OrderFlags")
	complete, ok := false, true
	if text, stated := n.attribute("completeOrderData"); stated {
		complete, ok = parseBoolean(text)
	}
	w := &veu.Window{Complete: complete}
	for name, to := range map[string]*int{"fetchLimit": &w.Limit, "fetchOffset": &w.Offset} {
		text, stated := n.attribute(name)
		if !stated {
			continue // optional in H003
		}
		number, numeric := parseNumber(text)
		*to, ok = number, ok && numeric
	}
	if !ok && c.err == nil {
		c.err = structure("OrderFlags is malformed")
	}
	p.Window = w
}
