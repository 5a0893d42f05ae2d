package export

import "encoding/json"

// message is one turn of a conversation.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// turn is a message as ShareGPT writes it.
type turn struct {
	From  string `json:"from"`
	Value string `json:"value"`
}

// shape is an example as a form's line. Keys stand in the order of the form.
func (e example) shape(f TrainingFormat) any {
	answer := []message{{"assistant", string(e.Chosen)}}
	switch f {
	case SFT:
		return struct {
			Prompt     []message `json:"prompt"`
			Completion []message `json:"completion"`
		}{e.prompt(), answer}
	case DPO:
		return struct {
			Prompt   []message `json:"prompt"`
			Chosen   []message `json:"chosen"`
			Rejected []message `json:"rejected"`
		}{e.prompt(), answer, []message{{"assistant", string(e.Draft)}}}
	case Alpaca:
		return struct {
			Instruction string `json:"instruction"`
			Input       string `json:"input"`
			Output      string `json:"output"`
			System      string `json:"system"`
		}{e.User, "", string(e.Chosen), e.System}
	case ShareGPT:
		return struct {
			Conversations []turn `json:"conversations"`
		}{e.turns()}
	}
	return struct {
		Messages []message `json:"messages"`
	}{append(e.prompt(), answer...)}
}

// prompt is what the model sees.
func (e example) prompt() []message {
	if e.System == "" {
		return []message{{"user", e.User}}
	}
	return []message{{"system", e.System}, {"user", e.User}}
}

// turns are the whole conversation under ShareGPT's names.
func (e example) turns() []turn {
	all := []turn{{"human", e.User}, {"gpt", string(e.Chosen)}}
	if e.System == "" {
		return all
	}
	return append([]turn{{"system", e.System}}, all...)
}

// datasetInfo is LLaMA-Factory's description of the files, nil for a form that
// it does not read.
func (m Manifest) datasetInfo() []byte {
	describe := map[string]any{}
	switch m.Format {
	case Alpaca:
		describe["columns"] = map[string]string{"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
	case ShareGPT:
		describe["formatting"] = "sharegpt"
		describe["columns"] = map[string]string{"messages": "conversations"}
		describe["tags"] = map[string]string{"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt", "system_tag": "system"}
	case Chat:
		describe["formatting"] = "sharegpt"
		describe["columns"] = map[string]string{"messages": "messages"}
		describe["tags"] = map[string]string{"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}
	default:
		return nil
	}
	all := map[string]any{}
	for _, p := range Parts {
		if m.Counts[p] > 0 {
			one := map[string]any{"file_name": m.Format.fileName(p)}
			for key, value := range describe {
				one[key] = value
			}
			all[string(p)] = one
		}
	}
	raw, _ := json.MarshalIndent(all, "", "  ") // texts alone: it cannot fail
	return append(raw, '\n')
}
