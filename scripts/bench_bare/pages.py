"""One address: shows the form, stores what is sent, says thanks."""

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from bench_bare.models import Reply


class ReplyForm(forms.ModelForm):
    class Meta:
        model = Reply
        fields = ["client_id", "first", "second", "third", "fourth", "fifth", "safety", "own_words"]
        widgets = {"client_id": forms.HiddenInput}


def page(request: HttpRequest) -> HttpResponse:
    form = ReplyForm(request.POST or None, initial={"client_id": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        form.save()
        return render(request, "thanks.html")
    return render(request, "form.html", {"form": form}, status=422 if form.is_bound else 200)


urlpatterns = [path("", page)]
