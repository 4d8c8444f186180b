package order

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"kontor/ebics"
)

// ParseBTF reads the short form of catalogue and profiles:
// service/scope/option/container/message, with "-" for what is not said, such as
// SDD/-/COR/-/pain.008. Version, variant and format of the message follow it after
// blanks, "-" again for none: EOP/CH/-/ZIP/camt.053 08.
func ParseBTF(text string) (ebics.BTF, error) {
	said := func(part string) string {
		if part == "-" {
			return ""
		}
		return part
	}
	parts := strings.Split(text, "/")
	if len(parts) != 5 {
		return ebics.BTF{}, fmt.Errorf("BTF %q: want service/scope/option/container/message", text)
	}
	message := strings.Split(parts[4], " ")
	if len(message) > 4 {
		return ebics.BTF{}, fmt.Errorf("BTF %q: after the message come version, variant and format", text)
	}
	message = append(message, "-", "-", "-")
	b := ebics.BTF{ServiceName: said(parts[0]), Scope: said(parts[1]), Option: said(parts[2]), Container: said(parts[3]),
		MsgName: said(message[0]), Version: said(message[1]), Variant: said(message[2]), Format: said(message[3])}
	if err := b.Check(); err != nil {
		return ebics.BTF{}, fmt.Errorf("BTF %q: %w", text, err)
	}
	return b, nil
}

// FormatBTF writes what ParseBTF reads.
func FormatBTF(b ebics.BTF) string {
	part := func(text string) string {
		if text == "" {
			return "-"
		}
		return text
	}
	message := strings.Join([]string{part(b.MsgName), part(b.Version), part(b.Variant), part(b.Format)}, " ")
	for strings.HasSuffix(message, " -") {
		message = strings.TrimSuffix(message, " -")
	}
	return strings.Join([]string{part(b.ServiceName), part(b.Scope), part(b.Option), part(b.Container), message}, "/")
}

// UnmarshalYAML reads a twin: the short form of a BTF, or a mapping of it (is) with
// what it says about the verification of payee (vop).
func (t *Twin) UnmarshalYAML(node *yaml.Node) error {
	written := struct {
		Is  string `yaml:"is"`
		VoP VoP    `yaml:"vop"`
	}{Is: node.Value}
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if key := node.Content[i]; key.Value != "is" && key.Value != "vop" {
				return fmt.Errorf("line %d: unknown key %q", key.Line, key.Value)
			}
		}
		if err := node.Decode(&written); err != nil {
			return err
		}
	}
	b, err := ParseBTF(written.Is)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*t = Twin{BTF: b, VoP: written.VoP}
	return nil
}
