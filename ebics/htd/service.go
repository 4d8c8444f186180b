package htd

import (
	"strings"

	"kontor/ebics"
)

// servicePlaces are where H005 has a Service.
var servicePlaces = []string{
	"PartnerInfo/AccountInfo/UsageOrderTypes/Service", "PartnerInfo/OrderInfo/Service", "UserInfo/Permission/Service",
}

// servicePart says whether a path is one of a Service or of an element in it, which
// is part, "" for the Service itself.
func servicePart(where string) (part string, inside bool) {
	for _, place := range servicePlaces {
		if rest, ok := strings.CutPrefix(where, place); ok && (rest == "" || rest[0] == '/') {
			return strings.TrimPrefix(rest, "/"), true
		}
	}
	return "", false
}

func (p *parser) startService(part string) {
	switch part {
	case "":
		p.service = ebics.BTF{}
	case "Container":
		p.service.Container = p.attribute("containerType")
	case "MsgName":
		p.service.Version, p.service.Variant, p.service.Format = p.attribute("version"), p.attribute("variant"), p.attribute("format")
		p.value = true
	case "ServiceName", "Scope", "ServiceOption":
		p.value = true
	}
}

// endService takes one value of a Service, or at its end the whole.
func (p *parser) endService(where, part, value string) error {
	switch part {
	case "ServiceName":
		p.service.ServiceName = value
	case "Scope":
		p.service.Scope = value
	case "ServiceOption":
		p.service.Option = value
	case "MsgName":
		p.service.MsgName = value
	case "":
		service := p.service
		switch where {
		case servicePlaces[0]:
			p.account.Services = append(p.account.Services, service)
			return p.count()
		case servicePlaces[1]:
			p.order.Service = &service
		case servicePlaces[2]:
			p.permission.Service = &service
		}
	}
	return nil
}
