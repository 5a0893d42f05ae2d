"""Trains an adapter on data, and writes it into adapter and as a GGUF file into gguf."""

from unsloth import FastLanguageModel  # before the others: it changes them
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

model, tokenizer = FastLanguageModel.from_pretrained(
    model_name={{printf "%q" .Base}},
    max_seq_length={{.Sequence}},
    load_in_4bit=True,
)
model = FastLanguageModel.get_peft_model(
    model,
    r=16,
    lora_alpha=32,
    lora_dropout=0,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    use_gradient_checkpointing="unsloth",
    random_state=1,
)


def parts(example):
    """The prompt as the chat template opens it, and the answer: that alone is learned."""
    prompt = tokenizer.apply_chat_template(example["messages"][:-1], tokenize=False, add_generation_prompt=True)
    return {"prompt": prompt, "completion": example["messages"][-1]["content"] + tokenizer.eos_token}


data = load_dataset("data").map(parts, remove_columns=["messages"])
trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=data["train"],
{{- if .Validates}}
    eval_dataset=data["validation"],
{{- end}}
    args=SFTConfig(
        output_dir="adapter",
        max_length={{.Sequence}},
        completion_only_loss=True,
        per_device_train_batch_size={{.Micro}},
        gradient_accumulation_steps={{.Accumulate}},
        num_train_epochs=3,
        learning_rate=2e-4,
        lr_scheduler_type="cosine",
        warmup_ratio=0.1,
        optim="adamw_8bit",
        eval_strategy={{if .Validates}}"epoch"{{else}}"no"{{end}},
        save_strategy="epoch",
        logging_steps=5,
        seed=1,
        report_to="none",
    ),
)
trainer.train()
model.save_pretrained("adapter")
tokenizer.save_pretrained("adapter")
model.save_pretrained_gguf("gguf", tokenizer, quantization_method="q4_k_m")
