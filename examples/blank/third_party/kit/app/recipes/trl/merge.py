"""Puts the adapter into its base, as one model in the folder merged."""

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("adapter", dtype=torch.bfloat16)
model.merge_and_unload().save_pretrained("merged")
AutoTokenizer.from_pretrained({{printf "%q" .Base}}).save_pretrained("merged")
