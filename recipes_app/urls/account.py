"""The addresses of an account's own pages beside allauth's. `recipes_app.urls.pages` takes them in."""

from django.urls import path

from ..views.account import account_address, account_deletion, account_keys, account_terms, dashboard, profile, security

urlpatterns = [
    path("dashboard/", dashboard.dashboard_page, name="dashboard"),
    path("account/profile/", profile.edit_profile, name="edit_profile"),
    path("account/keys/", account_keys.ssh_keys, name="ssh_keys"),
    path("account/keys/<int:key_id>/remove/", account_keys.remove_ssh_key, name="remove_ssh_key"),
    path("account/security/", security.security_history, name="security_history"),
    path("account/sessions/<int:session_id>/end/", security.end_session, name="end_session"),
    path("account/delete/", account_deletion.delete_account, name="delete_account"),
    path("account/address/", account_address.ask_for_proof, name="ask_for_proof"),
    path("account/address/<str:key>/", account_address.prove_address, name="prove_address"),
    path("terms/", account_terms.terms, name="terms"),
]
