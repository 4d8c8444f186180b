package konfipay

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
)

// object is a body or a part of one, written as JSON or XML from one description. A value is a string, bool, int64, object or list, or nil
// for what is absent: JSON leaves it out, XML shows the element with i:nil.
type object []field

type field struct {
	name  string // as JSON spells it; XML writes its first letter as a capital
	value any
}

// list is a list of objects; element is the name of one in XML.
type list struct {
	element string
	items   []object
}

func (o object) set(name string, value any) {
	i := slices.IndexFunc(o, func(f field) bool { return f.name == name })
	o[i].value = value
}

const (
	contentJSON = "application/json; charset=utf-8"
	xsi         = "http://www.w3.org/2001/XMLSchema-instance"
)

// answer writes a body in the form that the request asks for.
func (c *call) answer(status int, root string, body object) error {
	if contentType, ok := asksForXML(c.r.Header.Values("Accept")); ok {
		return c.write(status, contentType+"; charset=utf-8", xmlDocument(root, body))
	}
	return c.write(status, contentJSON, appendJSON(nil, body))
}

func (c *call) write(status int, contentType string, body []byte) error {
	c.w.Header().Set("Content-Type", contentType)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	if _, err := c.w.Write(body); err != nil {
		return fmt.Errorf("%w: write: %w", errCut, err)
	}
	return nil
}

// asksForXML reads Accept. JSON is the default; XML is sent only when it is named, and with a quality above JSON's or, at the same
// quality, before it. Nothing is ever refused for its Accept.
func asksForXML(accept []string) (contentType string, ok bool) {
	const ranges = 32 // more than any client sends
	var xmlQuality, jsonQuality float64
	for i, part := range strings.SplitN(strings.Join(accept, ","), ",", ranges) {
		t, parameters, err := mime.ParseMediaType(part)
		if err != nil || i == ranges-1 {
			continue
		}
		quality := 1.0
		if q, given := parameters["q"]; given {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		switch t {
		case "application/xml", "text/xml":
			if quality > xmlQuality && quality > jsonQuality {
				contentType, xmlQuality = t, quality
			}
		case "application/json", "text/json":
			jsonQuality = max(jsonQuality, quality)
		}
	}
	return contentType, xmlQuality > 0 && xmlQuality >= jsonQuality
}

func appendJSON(dst []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return append(dst, jsonString(v)...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case list:
		dst = append(dst, '[')
		for i, o := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, o)
		}
		return append(dst, ']')
	case object:
		dst = append(dst, '{')
		first := true
		for _, f := range v {
			if f.value == nil {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(append(dst, jsonString(f.name)...), ':')
			dst = appendJSON(dst, f.value)
		}
		return append(dst, '}')
	}
	panic(fmt.Sprintf("konfipay: no JSON for a %T", value))
}

func jsonString(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // file names and bank texts stay readable
	_ = e.Encode(s)        // a string into a buffer: cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func xmlDocument(root string, body object) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%s xmlns:i="%s">`, root, xsi)
	writeXML(&b, body)
	fmt.Fprintf(&b, `</%s>`, root)
	return b.Bytes()
}

func writeXML(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case string:
		_ = xml.EscapeText(b, []byte(v)) // into a buffer: cannot fail
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case list:
		for _, o := range v.items {
			fmt.Fprintf(b, `<%s>`, v.element)
			writeXML(b, o)
			fmt.Fprintf(b, `</%s>`, v.element)
		}
	case object:
		for _, f := range v {
			name := strings.ToUpper(f.name[:1]) + f.name[1:]
			if f.value == nil {
				fmt.Fprintf(b, `<%s i:nil="true" />`, name)
				continue
			}
			fmt.Fprintf(b, `<%s>`, name)
			writeXML(b, f.value)
			fmt.Fprintf(b, `</%s>`, name)
		}
	default:
		panic(fmt.Sprintf("konfipay: no XML for a %T", value))
	}
}
