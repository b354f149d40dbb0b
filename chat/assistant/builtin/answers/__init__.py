"""Answers: how each intent is answered, from tools' results alone."""
