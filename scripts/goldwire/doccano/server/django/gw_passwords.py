"""A new password for an annotator: Doccano has no request for it, and its own password reset needs e-mail."""

from django.contrib.auth import get_user_model
from django.http import Http404
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.permissions import IsAdminUser
from rest_framework.response import Response
from rest_framework.views import APIView

MIN_LENGTH = 12


class PasswordView(APIView):
    """POST `{"username", "password"}`: set the password, and end all sessions and the token of that user."""

    permission_classes = (IsAdminUser,)

    def post(self, request):
        """Refuse for staff: their passwords are not handed out."""
        body = request.data if isinstance(request.data, dict) else {}
        name, password = body.get("username"), body.get("password")
        if not isinstance(name, str) or not isinstance(password, str) or len(password) < MIN_LENGTH:
            raise ParseError(f"goldwire: a user name, and a password of {MIN_LENGTH} characters or more")
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise Http404
        if user.is_staff or user.is_superuser:
            raise PermissionDenied("goldwire: not for staff")
        user.set_password(password)  # Django ends all sessions that were opened with another password
        user.save()
        Token.objects.filter(user=user).delete()
        return Response({"username": name})
